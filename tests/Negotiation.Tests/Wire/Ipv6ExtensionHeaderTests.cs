using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class Ipv6ExtensionHeaderTests
{
    private const byte HopByHop = IpConstants.ProtocolHopByHop;
    private const byte Routing = IpConstants.ProtocolRouting;
    private const byte Fragment = IpConstants.ProtocolFragment;
    private const byte Authentication = IpConstants.ProtocolAuthentication;
    private const byte Destination = IpConstants.ProtocolDestinationOptions;

    [Test]
    public void Chain_HopByHopDestinationRouting_IsSkipped()
    {
        var bytes = Syn()
            .Ipv6ExtensionHeader(HopByHop, 0, 1, 4, 0, 0, 0, 0)
            .Ipv6ExtensionHeader(Destination, [1, 1, 12, .. new byte[12]])
            .Ipv6ExtensionHeader(Routing, 0, 4, 0, 0, 0, 0, 0)
            .Build();

        Assert.That(TcpPacket.Read(bytes, out var packet), Is.EqualTo(PacketDefect.None));
        Assert.That(packet.TcpOffset, Is.EqualTo(40 + 8 + 16 + 8));
        Assert.That(packet.Source.ToString(), Is.EqualTo("[2001:db8::1]:40000"));
        Assert.That(HandshakeOptions.Read(packet.Options).Mss, Is.EqualTo(1440));
        Assert.That(InternetChecksum.TcpChecksumIsValid(packet.Bytes, packet.TcpOffset), Is.True);
    }

    [Test]
    public void AuthenticationHeader_LengthCountsFourOctets()
    {
        // Length 4: 24 octets, as with a 96-bit ICV.
        var bytes = Syn().Ipv6ExtensionHeader(Authentication, [4, .. new byte[22]]).Build();

        Assert.That(TcpPacket.Read(bytes, out var packet), Is.EqualTo(PacketDefect.None));
        Assert.That(packet.TcpOffset, Is.EqualTo(64));
        Assert.That(packet.IsAuthenticated, Is.True);
    }

    [Test]
    public void FragmentHeader_IsFragmentEvenBehindOthers()
    {
        var bytes = Syn()
            .Ipv6ExtensionHeader(HopByHop, 0, 1, 4, 0, 0, 0, 0)
            .Ipv6ExtensionHeader(Fragment, 0, 0, 0, 0, 0, 0, 1)
            .Build();

        Assert.That(TcpPacket.Read(bytes, out _), Is.EqualTo(PacketDefect.Fragment));
    }

    [Test]
    public void RoutingHeader_SegmentsLeft_IsSourceRouted()
    {
        var bytes = Syn().Ipv6ExtensionHeader(Routing, 0, 4, 1, 0, 0, 0, 0).Build();

        Assert.That(TcpPacket.Read(bytes, out _), Is.EqualTo(PacketDefect.SourceRouted));
    }

    [Test]
    public void LengthBeyondThePacket_IsBadHeaderLength()
    {
        var bytes = Syn().Ipv6ExtensionHeader(Destination, 255, 1, 4, 0, 0, 0, 0).Build();

        Assert.That(TcpPacket.Read(bytes, out _), Is.EqualTo(PacketDefect.BadHeaderLength));
    }

    [TestCase(8, PacketDefect.None)]
    [TestCase(9, PacketDefect.TooManyExtensionHeaders)]
    public void Headers_UpToEightAreRead(int count, PacketDefect expected)
    {
        var builder = Syn();
        for (var i = 0; i < count; i++)
            builder.Ipv6ExtensionHeader(Destination, 0, 1, 4, 0, 0, 0, 0);

        Assert.That(TcpPacket.Read(builder.Build(), out _), Is.EqualTo(expected));
    }

    [Test]
    public void HeaderThatLeavesNoTcp_IsTruncated()
    {
        var bytes = Syn().Ipv6ExtensionHeader(Destination, [0, 1, 4, 0, 0, 0, 0]).Build();

        // Length 2 swallows 16 of the 24 TCP octets.
        bytes[41] = 2;
        Assert.That(TcpPacket.Read(bytes, out _), Is.EqualTo(PacketDefect.Truncated));
    }

    private static PacketBuilder Syn() => PacketBuilder.Syn("[2001:db8::1]:40000", "[2001:db8::2]:80").Mss(1440);
}
