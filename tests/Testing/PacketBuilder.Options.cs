using System.Buffers.Binary;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Testing;

public sealed partial class PacketBuilder
{
    /// <summary>Adds octets to the options as they are, malformed ones too.</summary>
    public PacketBuilder Option(params ReadOnlySpan<byte> bytes)
    {
        _options.AddRange(bytes);
        return this;
    }

    public PacketBuilder Nop() => Option((byte)TcpOptionKind.NoOperation);

    public PacketBuilder EndOfList() => Option((byte)TcpOptionKind.EndOfList);

    public PacketBuilder Mss(ushort value) =>
        Option((byte)TcpOptionKind.MaximumSegmentSize, TcpConstants.MssLength, (byte)(value >> 8), (byte)value);

    public PacketBuilder WindowScale(byte shift) =>
        Option((byte)TcpOptionKind.WindowScale, TcpConstants.WindowScaleLength, shift);

    public PacketBuilder SackPermitted() =>
        Option((byte)TcpOptionKind.SackPermitted, TcpConstants.SackPermittedLength);

    public PacketBuilder Timestamps(uint value, uint echo)
    {
        Span<byte> option = stackalloc byte[TcpConstants.TimestampsLength];
        option[0] = (byte)TcpOptionKind.Timestamps;
        option[1] = TcpConstants.TimestampsLength;
        BinaryPrimitives.WriteUInt32BigEndian(option[2..], value);
        BinaryPrimitives.WriteUInt32BigEndian(option[6..], echo);
        return Option(option);
    }

    /// <summary>TCP-MD5 with a signature of zeros.</summary>
    public PacketBuilder Md5()
    {
        Span<byte> option = stackalloc byte[TcpConstants.Md5Length];
        option[0] = (byte)TcpOptionKind.Md5Signature;
        option[1] = TcpConstants.Md5Length;
        return Option(option);
    }

    /// <summary>TCP-AO with a MAC of 12 zeros.</summary>
    public PacketBuilder Authentication() =>
        Option((byte)TcpOptionKind.Authentication, 16, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Fast Open: a request without cookie.</summary>
    public PacketBuilder FastOpenRequest() => Option((byte)TcpOptionKind.FastOpen, TcpConstants.OptionHeaderLength);

    /// <summary>MP_CAPABLE version 1 of a SYN.</summary>
    public PacketBuilder MpCapable(MpCapableFlags flags = MpCapableFlags.HmacSha256)
    {
        Span<byte> option = stackalloc byte[MptcpConstants.CapableSynLength];
        Negotiation.Wire.MpCapable.Syn(flags).Write(option);
        return Option(option);
    }

    /// <summary>MP_CAPABLE version 1 of a SYN/ACK.</summary>
    public PacketBuilder MpCapable(ulong key, MpCapableFlags flags = MpCapableFlags.HmacSha256)
    {
        Span<byte> option = stackalloc byte[MptcpConstants.CapableSynAckLength];
        Negotiation.Wire.MpCapable.SynAck(flags, key).Write(option);
        return Option(option);
    }

    /// <summary>MP_CAPABLE version 0, 12 octets, as in RFC 6824.</summary>
    public PacketBuilder MpCapableVersion0(ulong key = 0x0102030405060708)
    {
        MpCapable(key);
        _options[^(MptcpConstants.CapableSynAckLength - MptcpConstants.SubtypeOffset)] = 0;
        return this;
    }

    /// <summary>MP_JOIN of a SYN.</summary>
    public PacketBuilder MpJoin(uint token, uint nonce = 0x11223344, byte addressId = 1)
    {
        Span<byte> option = stackalloc byte[MptcpConstants.JoinSynLength];
        new MpJoinSyn(IsBackup: false, addressId, token, nonce).Write(option);
        return Option(option);
    }
}
