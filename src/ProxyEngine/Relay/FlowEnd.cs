namespace Middlebox.ProxyEngine.Relay;

/// <summary>How a relayed connection ended.</summary>
public enum FlowEnd
{
    /// <summary>Still going on.</summary>
    None,

    /// <summary>Both sides have said all they had to say.</summary>
    Finished,

    /// <summary>The client reset the connection.</summary>
    ClientReset,
    /// <summary>The server reset the connection.</summary>
    ServerReset,

    /// <summary>The client stopped answering.</summary>
    ClientTimedOut,

    /// <summary>The server stopped answering.</summary>
    ServerTimedOut,

    /// <summary>Another error of the client's connection.</summary>
    ClientError,

    /// <summary>Another error of the server's connection.</summary>
    ServerError,

    /// <summary>Nothing moved for the idle time-out.</summary>
    Idle,

    /// <summary>The box is shutting down.</summary>
    Stopped,
}
