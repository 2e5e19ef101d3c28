namespace Middlebox.Appliance.Commands.Soak;

/// <summary>What a connection of the load does.</summary>
internal enum SoakTransferKind : byte
{
    /// <summary>Megabytes in both directions.</summary>
    Bulk,

    /// <summary>Some kilobytes, and the next connection.</summary>
    Short,

    /// <summary>Silent for a while between its two halves.</summary>
    Idle,

    /// <summary>Reset by the client in the middle.</summary>
    Reset,
}
