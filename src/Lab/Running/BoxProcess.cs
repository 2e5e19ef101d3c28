using System.Globalization;
using System.Text.Json;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Running;

/// <summary>The appliance on one host: its process, its log and its control socket, over as many lives as it has.</summary>
/// <param name="paths">Where the files of the instance are.</param>
/// <param name="box">Which box, and its configuration.</param>
/// <param name="executable">The appliance.</param>
/// <param name="keeperArguments">Arguments of its keeper; null for none.</param>
/// <param name="settings">Settings over those of the topology.</param>
internal sealed class BoxProcess(
    InstancePaths paths,
    BoxPlacement box,
    Lazy<IReadOnlyList<string>> executable,
    IReadOnlyList<string>? keeperArguments,
    IReadOnlyDictionary<string, string> settings) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _namespace = InstancePaths.NamespaceName(paths.Instance, box.Host);
    private BackgroundProcess? _process;

    /// <summary>Private to this box of this instance.</summary>
    public string ControlSocket => Path.Combine(paths.ForHost(box.Host), "control.sock");

    /// <summary>Standard output and error of all lives.</summary>
    public string LogPath => Path.Combine(paths.ForHost(box.Host), "box.log");

    /// <summary>The process id; null when the appliance does not run.</summary>
    public int? ProcessId => _process is { HasExited: false } process ? process.Id : null;

    /// <summary>The process that serves: of a keeper, its child; null when none does.</summary>
    public int? DaemonProcessId => keeperArguments is null || ProcessId is not { } keeper ? ProcessId : ChildrenOf(keeper).Cast<int?>().FirstOrDefault();

    /// <summary>Starts the appliance without waiting for it.</summary>
    /// <exception cref="LabException">It already runs.</exception>
    public void Start()
    {
        if (ProcessId is { } running)
            throw new LabException($"The appliance on {box.Host} already runs as process {running}: stop it first.");
        Directory.CreateDirectory(paths.ForHost(box.Host));
        _process?.Dispose();
        IReadOnlyList<string> verb = keeperArguments is null ? ["run"] : ["keep", .. keeperArguments];
        _process = BackgroundProcess.Start(_namespace, [.. executable.Value, .. verb, "--config", box.Configuration], LogPath, Environment());
    }

    /// <summary>Waits until the appliance answers on its control socket.</summary>
    /// <exception cref="LabException">It ended, or does not answer in time; the message holds its log.</exception>
    public async Task WaitUntilServingAsync(CancellationToken cancellation)
    {
        try
        {
            await Condition.WaitAsync(async () => ProcessId is null || await AnswersAsync(cancellation), Deadline,
                $"the appliance on {box.Host} answers on {ControlSocket}", cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new LabException($"{exception.Message} Its log:\n{ReadLog()}", exception);
        }
        if (ProcessId is null)
        {
            var how = _process is null ? "was not started" : $"ended with code {_process.ExitCode}";
            throw new LabException($"The appliance on {box.Host} {how}. Its log:\n{ReadLog()}");
        }
    }

    /// <summary>Signals the appliance and waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="LabException">It does not run, or does not end in time.</exception>
    public async Task<int> EndAsync(ProcessSignal signal, CancellationToken cancellation)
    {
        if (_process is null)
            throw new LabException($"The appliance on {box.Host} was not started.");
        _process.Signal(signal);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Deadline);
        try
        {
            return await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LabException($"The appliance on {box.Host} ignores {signal}. Its log:\n{ReadLog()}");
        }
    }

    /// <summary>Asks the appliance over its control socket.</summary>
    /// <param name="verb"><c>status</c> or <c>flows</c>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="LabException">It does not answer, or not in JSON.</exception>
    public async Task<JsonElement> QueryAsync(string verb, CancellationToken cancellation)
    {
        var output = (await ExecuteAsync(verb, cancellation)).RequireSuccess();
        try
        {
            return JsonElement.Parse(output);
        }
        catch (JsonException exception)
        {
            throw new LabException($"The appliance on {box.Host} answers {verb} with: {output}", exception);
        }
    }

    /// <summary>The whole log; empty before the first start.</summary>
    public string ReadLog() => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    public void Dispose() => _process?.Dispose();

    // A child belongs to the thread that has started it.
    private static IEnumerable<int> ChildrenOf(int process) =>
        from task in Directory.EnumerateDirectories($"/proc/{process}/task")
        from child in File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select int.Parse(child, CultureInfo.InvariantCulture);

    // Running the command costs a tenth of a second of a core, so it is not tried before there is a socket.
    private async Task<bool> AnswersAsync(CancellationToken cancellation) =>
        File.Exists(ControlSocket) && (await ExecuteAsync("status", cancellation)).ExitCode == 0;

    private Task<CommandResult> ExecuteAsync(string verb, CancellationToken cancellation) =>
        ProcessRunner.RunAsync([.. executable.Value, verb, "--json", "--socket", ControlSocket], cancellation: cancellation);

    private Dictionary<string, string> Environment()
    {
        var environment = new Dictionary<string, string>
        {
            ["Middlebox__Name"] = box.Host,
            ["Middlebox__Control__Socket"] = ControlSocket,
            ["Middlebox__Negotiation__KnownServersFile"] = Path.Combine(paths.ForHost(box.Host), "known.servers"),
        };
        foreach (var (key, value) in box.Settings.Concat(settings))
            environment[key.Replace(":", "__", StringComparison.Ordinal)] = SettingPlaceholders.Expand(value, paths.ClaimKeys);
        return environment;
    }
}
