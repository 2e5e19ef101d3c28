using Middlebox.Fuzzing.Targets;

namespace Middlebox.Fuzzing;

/// <summary>The targets that come off the wire or out of the kernel.</summary>
public static class WireTargets
{
    public static IReadOnlyList<FuzzTargetKind> All { get; } =
    [
        new("packet", "IP and TCP headers and options: read as by a second, plain reader, without allocating; edits change options only and keep checksums as they were; what is written reads as it was meant", static () => new PacketTarget()),
        new("option", "single MPTCP options: at most one type takes one, and what is read is written and read again as it was, within its length", static () => new OptionTarget()),
        new("nfnetlink", "netlink datagrams of a packet queue: read as by a second, plain reader, without allocating and never beyond their end; verdicts have the length that was said", static () => new QueueTarget()),
        new("claim", "segments with proxies' claims: valid exactly if a second computation of the signature says so, and read without the packet's other bytes mattering", static () => new ClaimTarget()),
        new("destination", "SYNs that name a server to a proxy: read as by a second, plain reader, without allocating; a tag is taken exactly if a second computation says so; naming and taking out change options only, and leave the others as they were", static () => new DestinationTarget()),
        new("converter", "messages of the Convert protocol: read as by a second, plain reader, without allocating; what is written reads as it was meant; no cookie is guessed, and no address is allowed that is none to connect to", static () => new ConverterTarget()),
        new("answer", "packets in which the converter looks for servers' answers and ICMP errors: read as by a second, plain reader, without allocating", static () => new AnswerTarget()),
        new("handshake", "sequences of packets to a box: what is no handshake passes unchanged and without allocation, edits touch options only, contexts stay within their limits and end", static () => new HandshakeTarget()),
    ];
}
