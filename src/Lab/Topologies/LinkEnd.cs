namespace Middlebox.Lab.Topologies;

/// <summary>One end of a link: a network device of a host.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Device">The device's name inside the host.</param>
/// <param name="Addresses">IPv4 and IPv6 addresses of the device.</param>
/// <param name="Rate">The most that this end sends; null for no limit.</param>
/// <param name="Loss">The share of what this end sends that is lost on the way, from 0 to 1.</param>
public sealed record LinkEnd(
    string Host,
    string Device,
    IReadOnlyList<InterfaceAddress> Addresses,
    LinkRate? Rate,
    double Loss)
{
    /// <summary>How the link is emulated; null for a veth pair, whose rate tc(8) limits and whose losses a rule makes.</summary>
    public EndEmulation? Emulation { get; init; }

    /// <summary>What an emulated end does to its packets before the first step of the time line.</summary>
    public LinkBehaviour Behaviour => Emulation is null
        ? new LinkBehaviour { Rate = Rate, Loss = Loss }
        : new LinkBehaviour
        {
            Rate = Rate,
            Loss = Loss,
            Delay = Emulation.Delay,
            Jitter = Emulation.Jitter,
            BurstLoss = Emulation.BurstLoss,
            Reorder = Emulation.Reorder,
            Duplicate = Emulation.Duplicate,
            Queue = Emulation.Queue,
        };
}
