using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Wire;

/// <summary>The header fields of a TCP packet to write.</summary>
/// <param name="Source">Sender; of the same family as the destination.</param>
/// <param name="Destination">Receiver.</param>
/// <param name="Sequence">Sequence number of the first octet, or of SYN.</param>
/// <param name="Acknowledgment">Written whether or not ACK is set.</param>
/// <param name="Flags">Control bits.</param>
/// <param name="Window">The window field as it stands, not scaled.</param>
/// <param name="TrafficClass">DSCP and ECN.</param>
public readonly record struct TcpSegmentFields(
    HostEndpoint Source,
    HostEndpoint Destination,
    uint Sequence,
    uint Acknowledgment,
    TcpFlags Flags,
    ushort Window,
    byte TrafficClass = 0);
