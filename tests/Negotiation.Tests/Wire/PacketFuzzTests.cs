using System.Diagnostics;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Wire;

// Real packets, damaged at random, read by the product and by the plain reader; every difference is a finding. A
// finding prints the packet, which is all that is needed to repeat it.

/// <summary>Two readers, one opinion; and edits of whatever could be read keep it sound.</summary>
[TestFixture]
public sealed class PacketFuzzTests
{
    private const int Rounds = 400_000;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(2);

    private static readonly byte[][] Seeds =
    [
        .. CapturedPackets.All,
        PacketBuilder.Syn("198.18.1.2:1", "198.18.9.2:2").Ipv4Options(148, 4, 0, 0).MpCapableVersion0().Md5().Build(),
        PacketBuilder.Syn("[2001:db8::1]:1", "[2001:db8::2]:2").Mss(1440).MpJoin(7).FastOpenRequest()
            .Ipv6ExtensionHeader(0, 0, 1, 4, 0, 0, 0, 0)
            .Ipv6ExtensionHeader(43, 0, 4, 0, 0, 0, 0, 0)
            .Ipv6ExtensionHeader(51, [4, .. new byte[22]])
            .Ipv6ExtensionHeader(60, 0, 1, 4, 0, 0, 0, 0).Build(),
    ];

    [Test]
    public void MutatedPackets_AreReadAsByThePlainReader()
    {
        var random = new Random();
        var clock = Stopwatch.StartNew();
        var (rounds, readable) = (0, 0);
        while (rounds < Rounds && clock.Elapsed < Budget)
        {
            rounds++;
            var bytes = PacketMutator.Mutate(random, Seeds);
            try
            {
                if (CompareReaders(bytes))
                {
                    readable++;
                    EditAndCompare(random, bytes);
                }
            }
            catch (Exception exception)
            {
                Assert.Fail($"{Convert.ToHexString(bytes)}: {exception.Message}");
            }
        }

        TestContext.Out.WriteLine($"{rounds} packets, {readable} readable");
        Assert.That(readable, Is.GreaterThan(rounds / 10), "mutations that only destroy find nothing");
    }

    [Test]
    public void RandomOctets_AreReadAsByThePlainReader()
    {
        var random = new Random();
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < Rounds && clock.Elapsed < Budget / 4; round++)
        {
            var bytes = new byte[random.Next(120)];
            random.NextBytes(bytes);
            if (bytes.Length > 0 && random.Next(4) != 0)
                bytes[0] = (byte)(random.Next(2) == 0 ? 0x45 : 0x60);
            CompareReaders(bytes);
            CompareOptions(bytes);
        }
    }

    private static bool CompareReaders(byte[] bytes)
    {
        var expected = PlainReader.Read(bytes);
        var defect = TcpPacket.Read(bytes, out var packet);
        if (defect.ToString() != expected.Defect)
            throw new AssertionException($"{defect}, expected {expected.Defect}");
        if (defect != PacketDefect.None)
            return false;

        var text = $"{Plain(packet.Source)} > {Plain(packet.Destination)}"
            + $" seq {packet.Sequence:X8} ack {packet.Acknowledgment:X8}"
            + $" flags {(byte)packet.Flags} window {packet.Window} class {packet.TrafficClass}"
            + $" payload {packet.PayloadLength}";
        if (text != expected.Text
            || packet.TcpOffset != expected.TcpOffset
            || packet.Bytes.Length != expected.Length
            || !packet.Options.SequenceEqual(expected.Options))
            throw new AssertionException($"{text}, expected {expected.Text}");

        CompareOptions(expected.Options!);
        return true;
    }

    private static string Plain(HostEndpoint endpoint)
    {
        var octets = new byte[HostAddress.Ipv6Length];
        return $"{Convert.ToHexString(octets, 0, endpoint.Address.WriteTo(octets))}:{endpoint.Port}";
    }

    private static void CompareOptions(byte[] area)
    {
        var expected = PlainReader.Walk(area);
        var reader = new TcpOptionReader(area);
        foreach (var (offset, octets) in expected.Options)
        {
            if (!reader.MoveNext() || reader.Offset != offset || !reader.Bytes.SequenceEqual(octets))
                throw new AssertionException($"option at {offset}");
        }

        if (reader.MoveNext() || reader.Malformed != expected.Malformed)
            throw new AssertionException($"end of options, malformed {reader.Malformed}");

        var actual = HandshakeSummary.Of(HandshakeOptions.Read(area));
        if (actual != HandshakeSummary.Of(expected))
            throw new AssertionException($"{actual}, expected {HandshakeSummary.Of(expected)}");
    }

    private static void EditAndCompare(Random random, byte[] bytes)
    {
        var reading = PlainReader.Read(bytes);
        var packet = bytes[..reading.Length];
        var residue = PlainReader.TcpResidue(packet, reading.TcpOffset) % 0xFFFF;
        var options = PlainReader.Walk(reading.Options!).Options;
        byte[] buffer = [.. packet, .. new byte[random.Next(44)]];
        TcpPacketEditor.TryAppendOption(
            buffer, packet.Length, reading.TcpOffset, [30, 6, 0xF8, 1, 2, 3], out var length);
        if (options.Count > 0)
        {
            var (offset, octets) = options[random.Next(options.Count)];
            if (random.Next(2) == 0)
                TcpPacketEditor.BlankOption(buffer, reading.TcpOffset, offset, octets.Length);
            else
                length = TcpPacketEditor.RemoveOption(buffer, reading.TcpOffset, offset, octets.Length);
        }

        var after = PlainReader.Read(buffer[..length]);
        if (after.Defect != "None"
            || after.Text != reading.Text
            || PlainReader.TcpResidue(buffer[..length], after.TcpOffset) % 0xFFFF != residue)
            throw new AssertionException($"edited to {Convert.ToHexString(buffer[..length])}");
    }
}
