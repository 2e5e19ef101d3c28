using System.Globalization;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Running;

/// <summary>The program of a foreign middlebox on one host.</summary>
internal sealed class ElementProcess(
    InstancePaths paths, ElementPlacement element, Lazy<IReadOnlyList<string>> executable) : IDisposable
{
    private const string BoundQueues = "/proc/thread-self/net/netfilter/nfnetlink_queue";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _namespace = InstancePaths.NamespaceName(paths.Instance, element.Host);
    private BackgroundProcess? _process;

    /// <summary>Starts the program and returns when it has its queue.</summary>
    /// <exception cref="LabException">It already runs, ends or does not get its queue in time; the message holds its log.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_process is { HasExited: false } running)
            throw new LabException($"{element.Program} on {element.Host} already runs as process {running.Id}: stop it first.");
        Directory.CreateDirectory(paths.ForHost(element.Host));
        _process?.Dispose();
        var queue = ElementPlacement.Queue.ToString(CultureInfo.InvariantCulture);
        var process = _process = BackgroundProcess.Start(
            _namespace,
            [.. executable.Value, "lab", "element", element.Program, "--queue", queue],
            Path.Combine(paths.ForHost(element.Host), "element.log"));
        await Condition.WaitAsync(
            () => process.HasExited || HasQueue(), Deadline, $"{element.Program} on {element.Host} has its queue", cancellation);
        if (process.HasExited)
            throw new LabException($"{element.Program} on {element.Host} ended with code {process.ExitCode}:\n{process.ReadLog()}");
    }

    /// <summary>Ends the program, if it runs, and waits for its end.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        if (_process is null)
            return;
        _process.Signal(ProcessSignal.Terminate);
        await _process.WaitForExitAsync(cancellation);
    }

    public void Dispose() => _process?.Dispose();

    // One line for each queue, which begins with its number.
    private bool HasQueue() => NetworkNamespace.Run(_namespace, () => File.ReadLines(BoundQueues)
        .Any(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var number, ..]
            && number == ElementPlacement.Queue.ToString(CultureInfo.InvariantCulture)));
}
