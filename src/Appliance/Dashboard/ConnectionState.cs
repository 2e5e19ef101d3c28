namespace Middlebox.Appliance.Dashboard;

/// <summary>What the box does with a connection.</summary>
internal enum ConnectionState
{
    /// <summary>It is relayed now.</summary>
    Relayed,

    /// <summary>It was relayed.</summary>
    Ended,

    /// <summary>It was let alone.</summary>
    Passed,
}
