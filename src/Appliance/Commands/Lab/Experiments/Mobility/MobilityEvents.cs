using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>When an access of a trace goes and comes.</summary>
internal static class MobilityEvents
{
    /// <summary>The changes, in order.</summary>
    public static IReadOnlyList<(TimeSpan At, bool Up)> Of(Topology topology, string link) =>
    [
        .. topology.Links.Single(candidate => candidate.Name == link).Left.Emulation!.Timeline
            .Where(step => step.Up is not null).Select(step => (step.At, step.Up!.Value)),
    ];

    /// <summary>Whether an access was up from one time to another, all the time.</summary>
    public static bool IsUp(Topology topology, string link, TimeSpan from, TimeSpan to)
    {
        var isUp = true;
        foreach (var (at, up) in Of(topology, link).Where(change => change.At <= to))
        {
            if (at > from && !(isUp && up))
                return false;
            isUp = up;
        }

        return isUp;
    }
}
