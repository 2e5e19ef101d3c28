namespace Middlebox.Negotiation.Converter;

/// <summary>
/// Why a converter did not serve a connection. The one closed list that log, counters and tests share; <see cref="ConvertRefusalText"/> has a sentence
/// and, where the client is answered, the error code for each.
/// </summary>
public enum ConvertRefusal : byte
{
    /// <summary>It is served.</summary>
    None,

    // The client is not answered: the connection is reset.
    NotConvert,
    ZeroLength,
    ErrorFromClient,
    ClientSlow,
    ClientVanished,
    Displaced,
    Stopped,

    // The message.
    UnsupportedVersion,
    MalformedMessage,
    DuplicateTlv,
    InvalidDestination,
    UnsupportedMessage,

    // The client, and what it asks for.
    MissingCookie,
    InvalidCookie,
    ClientNotAllowed,
    ServerNotAllowed,
    OwnAddress,
    Hairpin,
    UnsupportedTcpOption,

    // The box.
    ClientPendingLimit,
    ClientFlowLimit,
    ClientRateLimit,
    PendingLimit,
    FlowLimit,
    NoSocket,
    NetworkFailure,
    ServerSilent,

    // The server, or a router before it.
    ServerReset,
    ServerUnreachable,
}
