namespace Middlebox.Lab.Topologies;

/// <summary>What an emulated link does to the packets of one direction, for as long as no step of its time line changes it.</summary>
public sealed record LinkBehaviour
{
    /// <summary>False while nothing gets through: all that is sent, waits or is about to leave is lost. Default: true.</summary>
    public bool Up { get; init; } = true;

    /// <summary>How fast packets leave the queue; null for no limit, which is the default.</summary>
    public LinkRate? Rate { get; init; }

    /// <summary>How long a packet travels after it has left the queue. Default: 0.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The most by which the delay is longer at times; the order of packets is kept. Default: 0.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The share of packets that is lost, each by itself, from 0 to 1. Default: 0.</summary>
    public double Loss { get; init; }

    /// <summary>Losses in bursts, beside the others; null for none, which is the default.</summary>
    public BurstLoss? BurstLoss { get; init; }

    /// <summary>The share of packets that is held back for a while so that others overtake them, from 0 to 1. Default: 0.</summary>
    public double Reorder { get; init; }

    /// <summary>The share of packets that arrives twice, from 0 to 1. Default: 0.</summary>
    public double Duplicate { get; init; }

    /// <summary>
    /// The most packets that wait for the rate; one more is lost. Default: what the rate carries in 50 ms in packets of 1500 bytes, at least 32.
    /// </summary>
    public int? Queue { get; init; }
}
