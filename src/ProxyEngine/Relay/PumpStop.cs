namespace Middlebox.ProxyEngine.Relay;

/// <summary>Why a pump stopped.</summary>
internal enum PumpStop
{
    /// <summary>It waits for one of the sockets.</summary>
    Waiting,

    /// <summary>It has had its share; there is more to do.</summary>
    BudgetSpent,

    /// <summary>Reading failed.</summary>
    SourceFailed,

    /// <summary>Writing failed.</summary>
    SinkFailed,
}
