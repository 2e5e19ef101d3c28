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

    /// <summary>Forgets a handshake that was taken and that the client did not complete.</summary>
    void GiveUp(Handshake handshake);
}
