using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Emulation;

/// <summary>Which packets a direction loses by chance: each by itself, and in bursts. The same random numbers lose the same packets.</summary>
internal sealed class LossProcess(Random random)
{
    private bool _isBad;

    /// <summary>The fate of the next packet: <see cref="PacketFate.Delivered"/> or one of the two kinds of loss.</summary>
    public PacketFate Next(LinkBehaviour behaviour)
    {
        if (behaviour.BurstLoss is { } burst && InBurst(burst))
            return PacketFate.LostInBurst;
        return behaviour.Loss > 0 && random.NextDouble() < behaviour.Loss ? PacketFate.Lost : PacketFate.Delivered;
    }

    private bool InBurst(BurstLoss burst)
    {
        _isBad = random.NextDouble() < (_isBad ? 1 - burst.Leave : burst.Enter);
        return _isBad && (burst.Density >= 1 || random.NextDouble() < burst.Density);
    }
}
