using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Contexts;

/// <summary>
/// The timestamps of a client's SYNs, by which a SYN/ACK tells which of them it answers: it echoes that one's (RFC 7323 section 3.2), and a server
/// that repeats it echoes what the connection began with. Without timestamps on either side nothing can be told.
/// </summary>
internal struct SynTimestamps
{
    private bool _areOffered;
    private uint _first;
    private uint _lastCapable;

    /// <summary>Notes the first SYN that the box sees, which has MP_CAPABLE.</summary>
    public void Begin(in HandshakeOptions syn)
    {
        _areOffered = syn.HasTimestamps;
        _first = syn.TimestampValue;
        _lastCapable = syn.TimestampValue;
    }

    /// <summary>Notes a repetition that was forwarded with MP_CAPABLE.</summary>
    public void Repeat(in HandshakeOptions syn)
    {
        if (IsBefore(_lastCapable, syn.TimestampValue))
            _lastCapable = syn.TimestampValue;
    }

    /// <summary>Whether this answers a SYN from before the first that the box has seen.</summary>
    public readonly bool IsForEarlierSyn(in HandshakeOptions synAck) => Tells(in synAck) && IsBefore(synAck.TimestampEcho, _first);

    /// <summary>Whether this answers a SYN that was forwarded with MP_CAPABLE.</summary>
    public readonly bool IsForCapableSyn(in HandshakeOptions synAck) => Tells(in synAck) && !IsBefore(_lastCapable, synAck.TimestampEcho);

    // 0 is what those write who do not echo.
    private readonly bool Tells(in HandshakeOptions synAck) => _areOffered && synAck.HasTimestamps && synAck.TimestampEcho != 0;

    /// <summary>Order of timestamps, which wrap around (RFC 7323 section 5.2).</summary>
    private static bool IsBefore(uint left, uint right) => unchecked((int)(left - right)) < 0;
}
