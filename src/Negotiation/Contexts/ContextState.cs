namespace Middlebox.Negotiation.Contexts;

/// <summary>How far the handshake has come that a context remembers.</summary>
internal enum ContextState : byte
{
    /// <summary>The SYN has been forwarded; the server has not answered.</summary>
    AwaitingServer,

    /// <summary>The box acts; the client has not completed its handshake.</summary>
    AwaitingClient,

    /// <summary>The box connects to the server by itself; the client's SYN is held back meanwhile.</summary>
    Dialling,

    /// <summary>
    /// The relay has the connection. For a moment it is remembered all the same: a segment that the kernel could not place while one socket took the place of another
    /// is answered with a RST after that.
    /// </summary>
    Adopted,
}
