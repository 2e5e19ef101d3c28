using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Emulation;

/// <summary>An end of an emulated link, as the emulator is told of it.</summary>
/// <param name="Namespace">The network namespace of its host, as ip-netns(8) knows it.</param>
/// <param name="Device">The device's name in it.</param>
/// <param name="Behaviour">What happens to what this end sends until the first step.</param>
/// <param name="Timeline">Changes in the order of their times.</param>
/// <param name="Trace">The file of a packet delivery trace in place of the rate; null for none.</param>
/// <param name="Seed">Where the random numbers begin.</param>
internal sealed record EmulatedEnd(
    string Namespace,
    string Device,
    LinkBehaviour Behaviour,
    IReadOnlyList<TimelineStep> Timeline,
    string? Trace,
    int Seed)
{
    /// <summary>A direction that behaves so, at its beginning.</summary>
    /// <exception cref="LabException">The trace cannot be used.</exception>
    public LinkDirection NewDirection()
    {
        var timeline = new BehaviourTimeline(Behaviour, Timeline);
        return new LinkDirection(timeline, Trace is null ? new TimelineCapacity(timeline) : ReadTrace(Trace), Seed);
    }

    private static DeliveryTrace ReadTrace(string path) => DeliveryTrace.TryReadFile(path, out var times, out var error)
        ? new DeliveryTrace(times)
        : throw new LabException($"The trace {path} cannot be used: {error}.");
}
