using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class TcpPacketTests
{
    private const string Client = "198.18.1.2:40000";
    private const string Server = "198.18.9.2:80";
    private const string ClientV6 = "[2001:db8::1:2]:40000";
    private const string ServerV6 = "[2001:db8::9:2]:80";

    [TestCase(Client, Server)]
    [TestCase(ClientV6, ServerV6)]
    public void WholePacket_EveryFieldIsRead(string from, string to)
    {
        var bytes = PacketBuilder.Segment(from, to, TcpFlags.Ack | TcpFlags.Psh).Sequence(0xFEDCBA98)
            .Acknowledging(0x12345678).Window(0xABCD).TrafficClass(0xB9).Mss(1460).Payload(1, 2, 3).Build();

        Assert.That(TcpPacket.Read(bytes, out var packet), Is.EqualTo(PacketDefect.None));
        Assert.That(packet.Source.ToString(), Is.EqualTo(from));
        Assert.That(packet.Destination.ToString(), Is.EqualTo(to));
        Assert.That(packet.Sequence, Is.EqualTo(0xFEDCBA98));
        Assert.That(packet.Acknowledgment, Is.EqualTo(0x12345678));
        Assert.That(packet.Flags, Is.EqualTo(TcpFlags.Ack | TcpFlags.Psh));
        Assert.That(packet.Window, Is.EqualTo(0xABCD));
        Assert.That(packet.TrafficClass, Is.EqualTo(0xB9));
        Assert.That(packet.Options.ToArray(), Is.EqualTo(new byte[] { 2, 4, 5, 180 }));
        Assert.That(packet.PayloadLength, Is.EqualTo(3));
        Assert.That(packet.Payload.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(packet.FlowFromClient.ToString(), Is.EqualTo($"{from} > {to}"));
        Assert.That(packet.FlowFromServer.ToString(), Is.EqualTo($"{to} > {from}"));
        Assert.That(packet.IsAuthenticated, Is.False);
    }

    [TestCase(Client, Server)]
    [TestCase(ClientV6, ServerV6)]
    public void OctetsBehindTheIpLength_AreLeftOut(string from, string to)
    {
        var bytes = PacketBuilder.Syn(from, to).Payload(7).Build();

        Assert.That(TcpPacket.Read([.. bytes, 0, 0, 0], out var packet), Is.EqualTo(PacketDefect.None));
        Assert.That(packet.Bytes.ToArray(), Is.EqualTo(bytes));
        Assert.That(packet.PayloadLength, Is.EqualTo(1));
    }

    [TestCase(Client, Server)]
    [TestCase(ClientV6, ServerV6)]
    public void EveryTruncation_IsADefect(string from, string to)
    {
        var bytes = PacketBuilder.LinuxMptcpSyn(from, to).Build();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.That(
                TcpPacket.Read(bytes.AsSpan(0, length), out _),
                Is.EqualTo(PacketDefect.Truncated).Or.EqualTo(PacketDefect.BadTotalLength));
        }
    }

    [Test]
    public void Ipv4Options_AreSkipped()
    {
        var bytes = PacketBuilder.Syn(Client, Server).Ipv4Options(148, 4, 0, 0, 1, 1, 1, 0).Mss(1400).Build();

        Assert.That(TcpPacket.Read(bytes, out var packet), Is.EqualTo(PacketDefect.None));
        Assert.That(packet.TcpOffset, Is.EqualTo(28));
        Assert.That(HandshakeOptions.Read(packet.Options).Mss, Is.EqualTo(1400));
    }

    [TestCase(0, 0x05, PacketDefect.NotIp)]
    [TestCase(0, 0x55, PacketDefect.NotIp)]
    [TestCase(0, 0x44, PacketDefect.BadHeaderLength)]
    [TestCase(0, 0x4F, PacketDefect.BadTotalLength)]
    [TestCase(2, 0xFF, PacketDefect.BadTotalLength)]
    [TestCase(3, 0x00, PacketDefect.BadTotalLength)]
    [TestCase(3, 0x13, PacketDefect.BadTotalLength)]
    [TestCase(3, 0x14, PacketDefect.Truncated)]
    [TestCase(3, 0x27, PacketDefect.Truncated)]
    [TestCase(6, 0x20, PacketDefect.Fragment)]
    [TestCase(6, 0x1F, PacketDefect.Fragment)]
    [TestCase(7, 0x01, PacketDefect.Fragment)]
    [TestCase(9, 17, PacketDefect.NotTcp)]
    [TestCase(9, 51, PacketDefect.NotTcp)]
    [TestCase(32, 0x40, PacketDefect.BadHeaderLength)]
    [TestCase(32, 0x60, PacketDefect.BadHeaderLength)]
    public void Ipv4OctetChanged_IsThatDefect(int offset, byte value, PacketDefect expected) =>
        AssertDefectAfterChange(PacketBuilder.Syn(Client, Server).Build(), offset, value, expected);

    [TestCase(0, 0x50, PacketDefect.NotIp)]
    [TestCase(4, 0xFF, PacketDefect.BadTotalLength)]
    [TestCase(5, 0x15, PacketDefect.BadTotalLength)]
    [TestCase(5, 0x13, PacketDefect.Truncated)]
    [TestCase(5, 0x00, PacketDefect.Truncated)]
    [TestCase(6, 17, PacketDefect.NotTcp)]
    [TestCase(6, 59, PacketDefect.NotTcp)]
    [TestCase(6, 44, PacketDefect.Fragment)]
    [TestCase(52, 0x40, PacketDefect.BadHeaderLength)]
    [TestCase(52, 0x60, PacketDefect.BadHeaderLength)]
    public void Ipv6OctetChanged_IsThatDefect(int offset, byte value, PacketDefect expected) =>
        AssertDefectAfterChange(PacketBuilder.Syn(ClientV6, ServerV6).Build(), offset, value, expected);

    [TestCase(8)]
    [TestCase(24)]
    public void Ipv6WithMappedAddress_IsMappedAddress(int offset)
    {
        var bytes = PacketBuilder.Syn(ClientV6, ServerV6).Build();
        byte[] mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 198, 18, 1, 2];
        mapped.CopyTo(bytes, offset);

        Assert.That(TcpPacket.Read(bytes, out _), Is.EqualTo(PacketDefect.MappedAddress));
    }

    [Test]
    public void CapturedPackets_AreReadAndTheirChecksumsAreRight()
    {
        foreach (var bytes in CapturedPackets.All)
        {
            Assert.That(TcpPacket.Read(bytes, out var packet), Is.EqualTo(PacketDefect.None));
            Assert.That(packet.Bytes.Length, Is.EqualTo(bytes.Length));
            Assert.That(InternetChecksum.TcpChecksumIsValid(packet.Bytes, packet.TcpOffset), Is.True);
        }
    }

    private static void AssertDefectAfterChange(byte[] bytes, int offset, byte value, PacketDefect expected)
    {
        bytes[offset] = value;
        Assert.That(TcpPacket.Read(bytes, out _), Is.EqualTo(expected));
    }
}
