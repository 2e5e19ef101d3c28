using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab.Running;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab;

/// <summary>A host of a running lab.</summary>
public sealed class LabHost : IDisposable
{
    private readonly InstancePaths _paths;
    private readonly BoxProcess? _box;
    private readonly ElementProcess? _element;
    private readonly List<BackgroundProcess> _background = [];

    internal LabHost(InstancePaths paths, TopologyHost description, BoxProcess? box, ElementProcess? element)
    {
        _paths = paths;
        _box = box;
        _element = element;
        Description = description;
    }

    /// <summary>The host as its topology describes it.</summary>
    public TopologyHost Description { get; }

    /// <summary>The host's name.</summary>
    public string Name => Description.Name;

    /// <summary>The network namespace, as ip-netns(8) knows it.</summary>
    public string NamespaceName => InstancePaths.NamespaceName(_paths.Instance, Name);

    /// <summary>Where the host's processes log.</summary>
    public string RuntimeDirectory => _paths.ForHost(Name);

    /// <summary>Where the host's web server puts what was sent to <c>/upload/NAME</c>.</summary>
    public string UploadDirectory => _paths.Uploads(Name);

    /// <summary>Whether the topology puts an appliance on this host.</summary>
    public bool HasBox => _box is not null;

    /// <summary>The process id of the appliance; null when it does not run.</summary>
    public int? BoxProcessId => Box.ProcessId;

    /// <summary>Process id of what serves in it: the appliance, or under a keeper its child; null when none does.</summary>
    public int? DaemonProcessId => Box.DaemonProcessId;

    /// <summary>The appliance's control socket.</summary>
    public string BoxControlSocket => Box.ControlSocket;

    /// <summary>Everything the appliance has written since the lab came up.</summary>
    public string BoxLog => Box.ReadLog();

    private BoxProcess Box => _box ?? throw new LabException($"{Name} has no box: name a host that the topology gives one.");

    private ElementProcess Element =>
        _element ?? throw new LabException($"{Name} has no element: name a host that the topology gives one.");

    /// <summary>Runs a command on the host to its end.</summary>
    public Task<CommandResult> RunAsync(string command, params string[] arguments) =>
        RunAsync([command, .. arguments], input: null, CancellationToken.None);

    /// <summary>Runs a command on the host to its end.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="input">What it reads from standard input; null for nothing.</param>
    /// <param name="cancellation">Kills it.</param>
    public Task<CommandResult> RunAsync(
        IReadOnlyList<string> command, string? input, CancellationToken cancellation) =>
        ProcessRunner.RunAsync(["ip", "netns", "exec", NamespaceName, .. command], input, cancellation);

    /// <summary>Starts a command on the host, which is killed when the lab goes down if it still runs then.</summary>
    /// <remarks>Its output goes to a file: <see cref="BackgroundProcess.LogPath"/>.</remarks>
    public BackgroundProcess Start(string command, params string[] arguments)
    {
        Directory.CreateDirectory(RuntimeDirectory);
        lock (_background)
        {
            var log = Path.Combine(RuntimeDirectory, $"{Path.GetFileName(command)}-{_background.Count + 1}.log");
            var process = BackgroundProcess.Start(NamespaceName, [command, .. arguments], log);
            _background.Add(process);
            return process;
        }
    }

    /// <summary>Runs a function on a fresh thread inside the host's network namespace.</summary>
    /// <remarks>Sockets that it creates belong to the host for life and can be used on any thread.</remarks>
    public T InNamespace<T>(Func<T> function) => NetworkNamespace.Run(NamespaceName, function);

    /// <summary>Creates an unconnected stream socket of the host.</summary>
    /// <param name="family">InterNetwork or InterNetworkV6.</param>
    /// <param name="mptcp">True for an MPTCP socket.</param>
    public Socket CreateTcpSocket(AddressFamily family, bool mptcp) =>
        InNamespace(() => StreamSocket.Create(family, mptcp));

    /// <summary>Starts the appliance and waits until it serves.</summary>
    /// <exception cref="LabException">The host has none, it already runs, or it does not come to serve.</exception>
    public async Task StartBoxAsync(CancellationToken cancellation = default)
    {
        Box.Start();
        await Box.WaitUntilServingAsync(cancellation);
    }

    /// <summary>Waits until the appliance answers on its control socket.</summary>
    /// <exception cref="LabException">It does not; the message holds its log.</exception>
    public Task WaitUntilServingAsync(CancellationToken cancellation = default) => Box.WaitUntilServingAsync(cancellation);

    /// <summary>Starts the foreign middlebox's program and returns when packets come to it.</summary>
    /// <exception cref="LabException">The host has none, it already runs, or it does not come to work.</exception>
    public Task StartElementAsync(CancellationToken cancellation = default) => Element.StartAsync(cancellation);

    /// <summary>Ends the foreign middlebox's program; packets pass it by then.</summary>
    public Task StopElementAsync(CancellationToken cancellation = default) => Element.EndAsync(cancellation);

    /// <summary>Ends the appliance by SIGTERM and returns its exit code.</summary>
    public Task<int> StopBoxAsync(CancellationToken cancellation = default) =>
        Box.EndAsync(ProcessSignal.Terminate, cancellation);

    /// <summary>Ends the appliance by SIGKILL, as a crash would, and returns when it is gone.</summary>
    public Task KillBoxAsync(CancellationToken cancellation = default) => Box.EndAsync(ProcessSignal.Kill, cancellation);

    /// <summary>What <c>middlebox status --json</c> says.</summary>
    public Task<JsonElement> BoxStatusAsync(CancellationToken cancellation = default) =>
        Box.QueryAsync("status", cancellation);

    /// <summary>What <c>middlebox flows --json</c> says.</summary>
    public Task<JsonElement> BoxFlowsAsync(CancellationToken cancellation = default) =>
        Box.QueryAsync("flows", cancellation);

    /// <summary>Kills what was started on the host through this object.</summary>
    public void Dispose()
    {
        _box?.Dispose();
        _element?.Dispose();
        lock (_background)
        {
            foreach (var process in _background)
                process.Dispose();
        }
    }
}
