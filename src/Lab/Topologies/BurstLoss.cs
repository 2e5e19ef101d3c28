namespace Middlebox.Lab.Topologies;

/// <summary>
/// Losses that come in bursts, by the model of Gilbert and Elliott: the link is in a good or a bad state, and changes between them from
/// packet to packet.
/// </summary>
/// <param name="Share">The share of all packets that is lost in the long run, above 0 and below <paramref name="Density"/>.</param>
/// <param name="Packets">How many packets the bad state lasts on average, at least 1.</param>
/// <param name="Density">The share of packets that is lost in the bad state, above 0 and up to 1. Default: 1.</param>
public sealed record BurstLoss(double Share, int Packets, double Density = 1)
{
    /// <summary>How probable it is that the bad state ends before the next packet.</summary>
    public double Leave => 1.0 / Packets;

    /// <summary>How probable it is that the bad state begins before the next packet.</summary>
    public double Enter
    {
        get
        {
            // The share of time in the bad state is enter / (enter + leave).
            var bad = Share / Density;
            return Math.Min(1, Leave * bad / (1 - bad));
        }
    }
}
