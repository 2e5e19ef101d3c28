namespace Middlebox.Lab.Emulation;

/// <summary>What becomes of a packet that was sent into an emulated link.</summary>
internal enum PacketFate
{
    /// <summary>It arrives.</summary>
    Delivered,

    /// <summary>Lost by itself (<see cref="Topologies.LinkBehaviour.Loss"/>).</summary>
    Lost,

    /// <summary>Lost in a burst (<see cref="Topologies.LinkBehaviour.BurstLoss"/>).</summary>
    LostInBurst,

    /// <summary>Lost because too many packets waited for the rate.</summary>
    QueueFull,

    /// <summary>Lost because the link was down, or went down before the packet had left the queue.</summary>
    LinkDown,
}
