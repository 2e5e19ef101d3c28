using Middlebox.Native;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>
/// Classic BPF programs that let through the SYN/ACKs and the ICMP errors "destination unreachable" among the packets that arrive; one for each family. IPv6
/// only without extension headers.
/// </summary>
internal static class ServerAnswerFilter
{
    // linux/bpf_common.h
    private const ushort LoadByte = 0x30;
    private const ushort LoadHalf = 0x28;
    private const ushort LoadByteIndexed = 0x50;
    private const ushort LoadHeaderLength = 0xb1;
    private const ushort And = 0x54;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfSet = 0x45;
    private const ushort Return = 0x06;

    private const uint Tcp = 6;
    private const uint Icmp = 1;
    private const uint Icmp6 = 58;
    private const uint Unreachable = 3;
    private const uint Unreachable6 = 1;
    private const uint SynAckRst = 0x16;
    private const uint SynAck = 0x12;
    private const uint Kept = 0xffff;

    public static ReadOnlySpan<sock_filter> Ipv4 => Ipv4Instructions;

    public static ReadOnlySpan<sock_filter> Ipv6 => Ipv6Instructions;

    private static readonly sock_filter[] Ipv4Instructions =
    [
        // No fragment behind the first; the IP header says how long it is.
        new(LoadHalf, 0, 0, 6),
        new(JumpIfSet, 9, 0, 0x1fff),
        new(LoadHeaderLength, 0, 0, 0),
        new(LoadByte, 0, 0, 9),
        new(JumpIfEqual, 0, 3, Tcp),
        new(LoadByteIndexed, 0, 0, 13),
        new(And, 0, 0, SynAckRst),
        new(JumpIfEqual, 4, 3, SynAck),
        new(JumpIfEqual, 0, 2, Icmp),
        new(LoadByteIndexed, 0, 0, 0),
        new(JumpIfEqual, 1, 0, Unreachable),
        new(Return, 0, 0, 0),
        new(Return, 0, 0, Kept),
    ];

    private static readonly sock_filter[] Ipv6Instructions =
    [
        new(LoadByte, 0, 0, 6),
        new(JumpIfEqual, 0, 3, Tcp),
        new(LoadByte, 0, 0, 53),
        new(And, 0, 0, SynAckRst),
        new(JumpIfEqual, 4, 3, SynAck),
        new(JumpIfEqual, 0, 2, Icmp6),
        new(LoadByte, 0, 0, 40),
        new(JumpIfEqual, 1, 0, Unreachable6),
        new(Return, 0, 0, 0),
        new(Return, 0, 0, Kept),
    ];
}
