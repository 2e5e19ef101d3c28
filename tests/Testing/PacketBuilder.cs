using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Testing;

// Options stand on the wire in the order of the calls, and are only padded at the end. The family follows from the
// addresses. What a call does not set has the value of a plain Linux packet.

/// <summary>Builds IPv4 and IPv6 packets with one TCP segment for tests, with right checksums.</summary>
public sealed partial class PacketBuilder
{
    private readonly List<byte> _options = [];
    private readonly List<(byte Protocol, byte[] Content)> _extensionHeaders = [];
    private byte[] _ipv4Options = [];
    private byte[] _payload = [];
    private TcpSegmentFields _fields;

    private PacketBuilder(HostEndpoint from, HostEndpoint to, TcpFlags flags) =>
        _fields = new TcpSegmentFields(from, to, Sequence: 0, Acknowledgment: 0, flags, Window: 64240);

    /// <summary>A SYN without options.</summary>
    /// <param name="from"><c>198.18.1.2:40000</c> or <c>[2001:db8::1]:40000</c>.</param>
    /// <param name="to">As <paramref name="from"/>.</param>
    public static PacketBuilder Syn(string from, string to) => Segment(from, to, TcpFlags.Syn);

    /// <summary>
    /// A SYN with the options of Linux 6.x in its order: MSS, SACK, timestamps, NOP, window scale, MP_CAPABLE.
    /// </summary>
    public static PacketBuilder LinuxMptcpSyn(string from, string to) =>
        Syn(from, to).Mss(1460).SackPermitted().Timestamps(1, 0).Nop().WindowScale(7).MpCapable();

    /// <summary>A SYN/ACK without options.</summary>
    public static PacketBuilder SynAck(string from, string to) => Segment(from, to, TcpFlags.SynAck);

    /// <summary>A SYN/ACK that answers this SYN: addresses reversed, its sequence number acknowledged.</summary>
    public static PacketBuilder SynAckFor(ReadOnlySpan<byte> syn) => AnswerTo(syn, TcpFlags.SynAck);

    /// <summary>A RST that answers this SYN.</summary>
    public static PacketBuilder RstFor(ReadOnlySpan<byte> syn) => AnswerTo(syn, TcpFlags.Rst | TcpFlags.Ack);

    /// <summary>An ACK without options.</summary>
    public static PacketBuilder Ack(string from, string to) => Segment(from, to, TcpFlags.Ack);

    /// <summary>A RST without options.</summary>
    public static PacketBuilder Rst(string from, string to) => Segment(from, to, TcpFlags.Rst);

    public static PacketBuilder Segment(string from, string to, TcpFlags flags) =>
        new(HostEndpoint.Parse(from), HostEndpoint.Parse(to), flags);

    /// <summary>Initial sequence number; the same field as <see cref="Sequence"/>.</summary>
    public PacketBuilder Isn(uint value) => Sequence(value);

    public PacketBuilder Sequence(uint value) => With(_fields with { Sequence = value });

    /// <summary>Acknowledgment number; does not set the ACK flag.</summary>
    public PacketBuilder Acknowledging(uint value) => With(_fields with { Acknowledgment = value });

    public PacketBuilder Flags(TcpFlags value) => With(_fields with { Flags = value });

    public PacketBuilder Window(ushort value) => With(_fields with { Window = value });

    public PacketBuilder TrafficClass(byte value) => With(_fields with { TrafficClass = value });

    public PacketBuilder Payload(params ReadOnlySpan<byte> payload)
    {
        _payload = payload.ToArray();
        return this;
    }

    /// <summary>Options of the IPv4 header, a multiple of four octets.</summary>
    public PacketBuilder Ipv4Options(params ReadOnlySpan<byte> options)
    {
        _ipv4Options = options.ToArray();
        return this;
    }

    /// <summary>Adds an IPv6 extension header behind those before.</summary>
    /// <param name="protocol">Its number, such as 60 for destination options.</param>
    /// <param name="content">The header from its length octet on; the next-header octet is put in front.</param>
    public PacketBuilder Ipv6ExtensionHeader(byte protocol, params ReadOnlySpan<byte> content)
    {
        _extensionHeaders.Add((protocol, content.ToArray()));
        return this;
    }

    /// <summary>The packet, exactly as long as its IP header says.</summary>
    /// <exception cref="ArgumentException">The options are too long or the families differ.</exception>
    public byte[] Build()
    {
        var options = _options.ToArray();
        var packet = new byte[TcpSegmentWriter.LengthOf(_fields, options.Length, _payload.Length)];
        TcpSegmentWriter.Write(packet, _fields, options, _payload);
        return _fields.Source.Address.IsIpv4
            ? PacketSplicer.InsertIpv4Options(packet, _ipv4Options)
            : PacketSplicer.InsertExtensionHeaders(packet, _extensionHeaders);
    }

    private static PacketBuilder AnswerTo(ReadOnlySpan<byte> syn, TcpFlags flags)
    {
        var defect = TcpPacket.Read(syn, out var packet);
        if (defect != PacketDefect.None)
            throw new ArgumentException($"Not a TCP packet: {defect}.", nameof(syn));

        return new PacketBuilder(packet.Destination, packet.Source, flags).Acknowledging(packet.Sequence + 1);
    }

    private PacketBuilder With(TcpSegmentFields fields)
    {
        _fields = fields;
        return this;
    }
}
