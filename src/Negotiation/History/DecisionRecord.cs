using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.History;

/// <summary>One decision, or the end of a context that no segment brought about. Plain numbers only: it is copied while it may be overwritten.</summary>
public readonly record struct DecisionRecord
{
    /// <summary>Time stamp of the negotiator's clock.</summary>
    public required long Time { get; init; }

    public required FlowKey Flow { get; init; }

    /// <summary>The proxy to which the host names the server, as it configures it, or the address of this box at which it does; default if there is none.</summary>
    public HostEndpoint Proxy { get; init; }

    /// <summary>Flags of the segment; none if there was no segment.</summary>
    public TcpFlags Segment { get; init; }

    public Verdict Verdict { get; init; }

    public required Reason Reason { get; init; }

    public SegmentEdits Edits { get; init; }

    /// <summary>Token of an MP_JOIN (RFC 8684 section 3.2); 0 for any other segment.</summary>
    public uint Token { get; init; }

    /// <summary>Bytes of the packet as it came; 0 without one.</summary>
    public ushort PacketLength { get; init; }

    /// <summary>Whether a segment was decided on.</summary>
    public bool HasSegment => Segment != 0;
}
