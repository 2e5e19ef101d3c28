using Middlebox.Native;

namespace Middlebox.Interceptor.Observation;

/// <summary>
/// A classic BPF program that lets through the SYN/ACKs that arrive at this host, IPv4 and IPv6 without extension headers, so that a host under
/// load hands over only them.
/// </summary>
internal static class SynAckFilter
{
    // linux/bpf_common.h
    private const ushort LoadByte = 0x30;
    private const ushort LoadHalf = 0x28;
    private const ushort LoadByteIndexed = 0x50;
    private const ushort LoadHeaderLength = 0xb1;
    private const ushort And = 0x54;
    private const ushort Jump = 0x05;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfSet = 0x45;
    private const ushort Return = 0x06;

    // linux/filter.h: SKF_AD_OFF + SKF_AD_PKTTYPE; linux/if_packet.h: PACKET_OUTGOING.
    private const uint PacketType = unchecked((uint)(-0x1000 + 4));
    private const uint Outgoing = 4;

    private const uint Tcp = 6;
    private const uint SynAndAck = 0x12;
    private const uint Kept = 0xffff;

    public static ReadOnlySpan<sock_filter> Program => Instructions;

    private static readonly sock_filter[] Instructions =
    [
        new(LoadByte, 0, 0, PacketType),
        new(JumpIfEqual, 16, 0, Outgoing),
        new(LoadByte, 0, 0, 0),
        new(And, 0, 0, 0xf0),
        new(JumpIfEqual, 0, 7, 0x40),

        // IPv4: TCP, no fragment behind the first, flags behind the header whose length it gives.
        new(LoadByte, 0, 0, 9),
        new(JumpIfEqual, 0, 11, Tcp),
        new(LoadHalf, 0, 0, 6),
        new(JumpIfSet, 9, 0, 0x1fff),
        new(LoadHeaderLength, 0, 0, 0),
        new(LoadByteIndexed, 0, 0, 13),
        new(Jump, 0, 0, 4),

        // IPv6: TCP right behind the fixed header.
        new(JumpIfEqual, 0, 5, 0x60),
        new(LoadByte, 0, 0, 6),
        new(JumpIfEqual, 0, 3, Tcp),
        new(LoadByte, 0, 0, 53),

        new(And, 0, 0, SynAndAck),
        new(JumpIfEqual, 1, 0, SynAndAck),
        new(Return, 0, 0, 0),
        new(Return, 0, 0, Kept),
    ];
}
