using System.Diagnostics.CodeAnalysis;
using Middlebox.Lab.Emulation;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Running;

/// <summary>
/// The process that carries the packets of a lab's emulated links. It lives in the namespace of one of their hosts, so that whoever removes the lab finds
/// it; the links' devices are its, and go with it.
/// </summary>
internal sealed class EmulatorProcess(
    InstancePaths paths, Topology topology, Lazy<IReadOnlyList<string>> executable) : IDisposable
{
    private const string Devices = "/proc/thread-self/net/dev";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private BackgroundProcess? _process;

    /// <summary>Starts the emulator and returns when all devices are there.</summary>
    /// <exception cref="LabException">It ends, or does not come to work; the message holds its log.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var links = topology.Links.Where(link => link.IsEmulated).ToList();
        LinkEmulator.Write(paths.EmulationPlan, [.. links.Select(Plan)]);
        var process = _process = BackgroundProcess.Start(
            NamespaceOf(links[0].Left),
            [.. executable.Value, "lab", "element", "emulate-links", "--plan", paths.EmulationPlan],
            paths.EmulatorLog);
        try
        {
            await Condition.WaitAsync(
                () => process.HasExited || links.All(link => HasDevice(link.Left) && HasDevice(link.Right)),
                Deadline, "the emulator has made its devices", cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new LabException($"{exception.Message} Its log:\n{process.ReadLog()}", exception);
        }
        if (process.HasExited)
            ThrowEnded(process);
    }

    /// <summary>Lets all time lines begin, or begin anew.</summary>
    /// <exception cref="LabException">The emulator does not run.</exception>
    public void StartTimelines()
    {
        if (_process is not { HasExited: false } process)
            ThrowEnded(_process);
        else
            process.Signal(ProcessSignal.HangUp);
    }

    public void Dispose() => _process?.Dispose();

    [DoesNotReturn]
    private static void ThrowEnded(BackgroundProcess? process) => throw new LabException(process is null
        ? "The emulator of the links was not started."
        : $"The emulator of the links ended with code {process.ExitCode}. Its log:\n{process.ReadLog()}");

    private EmulatedLink Plan(TopologyLink link) =>
        new(link.Name, link.Mtu ?? TopologyLink.DefaultMtu, Plan(link.Left, forth: true), Plan(link.Right, forth: false));

    // Each direction has random numbers of its own, or losses in one would be losses in the other.
    private EmulatedEnd Plan(LinkEnd end, bool forth)
    {
        var emulation = end.Emulation!;
        var seed = unchecked((emulation.Seed * 2) + (forth ? 0 : 1));
        return new EmulatedEnd(NamespaceOf(end), end.Device, end.Behaviour, emulation.Timeline, emulation.Trace, seed);
    }

    // "  wifi: 0 0 ..."
    private bool HasDevice(LinkEnd end) => NetworkNamespace.Run(NamespaceOf(end), () => File.ReadLines(Devices)
        .Any(line => line.TrimStart().StartsWith($"{end.Device}:", StringComparison.Ordinal)));

    private string NamespaceOf(LinkEnd end) => InstancePaths.NamespaceName(paths.Instance, end.Host);
}
