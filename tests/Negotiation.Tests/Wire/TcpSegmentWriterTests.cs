using FsCheck.Fluent;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class TcpSegmentWriterTests
{
    private static readonly TcpSegmentFields Fields = new(
        HostEndpoint.Parse("198.18.1.2:40000"),
        HostEndpoint.Parse("198.18.9.2:80"),
        Sequence: 1,
        Acknowledgment: 2,
        TcpFlags.Ack,
        Window: 3,
        TrafficClass: 0x02);

    [Test]
    public void Packet_WrittenThenRead_IsTheSame() =>
        WireGen.Holds(
            from fields in WireGen.Fields
            from options in WireGen.Options
            from payload in Gen.Choose(0, 33).SelectMany(WireGen.Octets)
            select (fields, options, payload),
            static sample =>
            {
                var (fields, options, payload) = sample;
                var buffer = new byte[200];
                var length = TcpSegmentWriter.Write(buffer, fields, options, payload);
                var packet = buffer[..length];
                return length == TcpSegmentWriter.LengthOf(fields, options.Length, payload.Length)
                    && buffer.AsSpan(length).IndexOfAnyExcept((byte)0) < 0
                    && TcpPacket.Read(packet, out var tcp) == PacketDefect.None
                    && tcp.Bytes.Length == length
                    && fields == FieldsOf(tcp)
                    && tcp.Options[..options.Length].SequenceEqual(options)
                    && tcp.Options[options.Length..].IndexOfAnyExcept((byte)1) < 0
                    && tcp.Payload.SequenceEqual(payload)
                    && PlainReader.TcpResidue(packet, tcp.TcpOffset) == 0
                    && (tcp.Version == IpProtocolVersion.V6 || PlainReader.Checksum(packet[..20]) == 0);
            });

    [Test]
    public void DirtyBuffer_LeavesNoTrace()
    {
        var clean = new byte[64];
        var dirty = Enumerable.Repeat((byte)0xEE, 64).ToArray();
        var length = TcpSegmentWriter.Write(clean, Fields, [2, 4, 5], [9]);
        TcpSegmentWriter.Write(dirty, Fields, [2, 4, 5], [9]);

        Assert.That(dirty[..length], Is.EqualTo(clean[..length]));
    }

    [Test]
    public void Ipv4_HasDontFragmentAndTimeToLive64()
    {
        var packet = new byte[40];
        TcpSegmentWriter.Write(packet, Fields, [], []);

        Assert.That(packet[6..9], Is.EqualTo(new byte[] { 0x40, 0, 64 }));
    }

    [Test]
    public void WhatDoesNotFit_IsRefused()
    {
        var mixed = Fields with { Destination = HostEndpoint.Parse("[2001:db8::1]:80") };
        Assert.That(() => TcpSegmentWriter.Write(new byte[99], mixed, [], []), Throws.ArgumentException);
        Assert.That(() => TcpSegmentWriter.Write(new byte[99], Fields, new byte[41], []), Throws.ArgumentException);
        Assert.That(() => TcpSegmentWriter.Write(new byte[39], Fields, [], []), Throws.ArgumentException);

        var big = new byte[70000];
        Assert.That(() => TcpSegmentWriter.Write(big, Fields, [], new byte[65496]), Throws.ArgumentException);
        Assert.That(TcpSegmentWriter.Write(big, Fields, [], new byte[65495]), Is.EqualTo(65535));
    }

    private static TcpSegmentFields FieldsOf(in TcpPacket tcp) => new(
        tcp.Source, tcp.Destination, tcp.Sequence, tcp.Acknowledgment, tcp.Flags, tcp.Window, tcp.TrafficClass);
}
