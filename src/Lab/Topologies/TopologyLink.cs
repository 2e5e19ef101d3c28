namespace Middlebox.Lab.Topologies;

/// <summary>A link between two hosts, which becomes a veth pair, or two TUN devices with the emulator between them.</summary>
/// <param name="Name">Unique in the topology; what <c>--rate NAME=RATE</c> refers to.</param>
/// <param name="Left">The end at the host that comes first in the file.</param>
/// <param name="Right">The other end.</param>
/// <param name="Mtu">Bytes; null for the kernel's default of 1500.</param>
public sealed record TopologyLink(string Name, LinkEnd Left, LinkEnd Right, int? Mtu)
{
    /// <summary>Bytes of the largest packet if the topology does not say.</summary>
    public const int DefaultMtu = 1500;

    /// <summary>Whether the emulator carries the packets.</summary>
    public bool IsEmulated => Left.Emulation is not null;

    /// <summary>The same link with one rate in both directions.</summary>
    public TopologyLink WithRate(LinkRate rate) =>
        this with { Left = Left with { Rate = rate }, Right = Right with { Rate = rate } };

    /// <summary>The same link with one share of packets lost in both directions.</summary>
    public TopologyLink WithLoss(double loss) =>
        this with { Left = Left with { Loss = loss }, Right = Right with { Loss = loss } };

    /// <summary>The same link with one delay, one way, in both directions; the emulator carries its packets.</summary>
    public TopologyLink WithDelay(TimeSpan delay) => this with { Left = Delayed(Left, delay), Right = Delayed(Right, delay) };

    private static LinkEnd Delayed(LinkEnd end, TimeSpan delay) => end with { Emulation = (end.Emulation ?? new EndEmulation()) with { Delay = delay } };
}
