namespace Middlebox.Negotiation;

/// <summary>
/// Where the connections go that this box acts on. The seam between interceptor and relay: neither knows the other.
/// </summary>
public interface IHandshakeTaker
{
    /// <summary>
    /// Prepares for the client's SYN to be delivered to the kernel. Called by the packet threads, several at a time.
    /// </summary>
    /// <param name="handshake">The connection.</param>
    /// <param name="refusal">Why not, if false is returned: the SYN/ACK is then forwarded and the box stays out.</param>
    bool TryTake(Handshake handshake, out Reason refusal);

    /// <summary>
    /// Prepares as <see cref="TryTake"/>, and connects to the server by MPTCP with the client's address and port. Does not wait for it.
    /// </summary>
    /// <param name="handshake">The connection.</param>
    /// <param name="observer">Told how it came out, unless it is given up before.</param>
    /// <param name="refusal">Why not, if false is returned: the box stays out.</param>
    bool TryDial(Handshake handshake, IDialObserver observer, out Reason refusal);

    /// <summary>Forgets a handshake that was taken or dialled and that the client did not complete; a connection to the server is reset.</summary>
    void GiveUp(Handshake handshake);
}
