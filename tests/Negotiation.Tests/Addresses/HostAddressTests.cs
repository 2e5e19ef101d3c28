using System.Buffers.Binary;
using System.Net;
using FsCheck.Fluent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Tests.Wire;

namespace Middlebox.Negotiation.Tests.Addresses;

[TestFixture]
public sealed class HostAddressTests
{
    [TestCase("0.0.0.0")]
    [TestCase("198.18.1.2")]
    [TestCase("255.255.255.255")]
    [TestCase("::")]
    [TestCase("::1")]
    [TestCase("1::")]
    [TestCase("2001:db8::1")]
    [TestCase("2001:db8:0:1:1:1:1:1")]
    [TestCase("2001:db8::1:0:0:1")]
    [TestCase("2001:0:0:1::1")]
    [TestCase("fe80::5efe:c612:102")]
    [TestCase("1:2:3:4:5:6:7:8")]
    public void CanonicalText_IsReadAndWrittenUnchanged(string text) =>
        Assert.That(HostAddress.Parse(text).ToString(), Is.EqualTo(text));

    [TestCase("2001:DB8::A", "2001:db8::a")]
    [TestCase("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1")]
    [TestCase("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [TestCase("::ffff:198.18.1.2", "198.18.1.2")]
    [TestCase("64:ff9b::198.18.1.2", "64:ff9b::c612:102")]
    [TestCase("1:2:3:4:5:6:198.18.1.2", "1:2:3:4:5:6:c612:102")]
    public void OtherText_IsWrittenCanonical(string text, string canonical) =>
        Assert.That(HostAddress.Parse(text).ToString(), Is.EqualTo(canonical));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("1")]
    [TestCase("198.18.1")]
    [TestCase("198.18.1.2.3")]
    [TestCase("198.18.1.256")]
    [TestCase("198.18.01.2")]
    [TestCase("0x7f.0.0.1")]
    [TestCase(" 198.18.1.2")]
    [TestCase("198.18.1.2 ")]
    [TestCase("198.18..2")]
    [TestCase("198.18.1.")]
    [TestCase("+1.2.3.4")]
    [TestCase(":")]
    [TestCase(":::")]
    [TestCase("1:2:3:4:5:6:7")]
    [TestCase("1:2:3:4:5:6:7:8:9")]
    [TestCase("1:2:3:4:5:6:7:8::")]
    [TestCase("1::2::3")]
    [TestCase("12345::")]
    [TestCase("::g")]
    [TestCase("1:")]
    [TestCase(":1")]
    [TestCase("1:2:3:4:5:6:7:")]
    [TestCase("198.18.1.2::")]
    [TestCase("::198.18.1.2:1")]
    [TestCase("1:2:3:4:5:6:7:198.18.1.2")]
    [TestCase("[::1]")]
    [TestCase("fe80::1%eth0")]
    [TestCase("::1/64")]
    public void TextThatIsNoAddress_IsRefused(string? text) =>
        Assert.That(HostAddress.TryParse(text, out _), Is.False);

    [Test]
    public void Ipv4_IsFourOctetsAndMapped()
    {
        var address = HostAddress.FromIpv4([198, 18, 1, 2]);

        Assert.That(address.IsIpv4, Is.True);
        Assert.That(address.Length, Is.EqualTo(4));
        Assert.That(address.Bits, Is.EqualTo((UInt128)0xFFFF_C612_0102));
        Assert.That(address, Is.EqualTo(HostAddress.FromIpv6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 198, 18, 1, 2])));
    }

    [Test]
    public void Default_IsUnspecifiedIpv6() => Assert.That(default(HostAddress).ToString(), Is.EqualTo("::"));

    [Test]
    public void Octets_RoundTripThroughWireAndText() =>
        WireGen.Holds(WireGen.Address, static address =>
        {
            var octets = new byte[16];
            var length = address.WriteTo(octets);
            var again = length == 4 ? HostAddress.FromIpv4(octets) : HostAddress.FromIpv6(octets);
            return length == address.Length && again == address && HostAddress.Parse(address.ToString()) == address;
        });

    [Test]
    public void Text_IsTheFrameworks() =>
        WireGen.Holds(WireGen.Address, static address =>
        {
            var octets = new byte[16];
            var framework = new IPAddress(octets.AsSpan(0, address.WriteTo(octets)));
            return framework.Equals(IPAddress.Parse(address.ToString()))
                && HostAddress.Parse(framework.ToString()) == address;
        });

    [Test]
    public void RandomText_IsReadAsTheFrameworkDoesOrRefused() =>
        WireGen.Holds(Gen.Elements("0:1:2:a:f:.:::1.2.3.4:ffff:00".ToCharArray()).ArrayOf(), static characters =>
        {
            var text = new string(characters);
            return !HostAddress.TryParse(text, out var address)
                || (IPAddress.TryParse(text, out var framework)
                    && BinaryPrimitives.ReadUInt128BigEndian(framework.MapToIPv6().GetAddressBytes()) == address.Bits);
        });
}
