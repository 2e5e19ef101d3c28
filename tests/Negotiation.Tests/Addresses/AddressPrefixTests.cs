using FsCheck.Fluent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Tests.Wire;

namespace Middlebox.Negotiation.Tests.Addresses;

[TestFixture]
public sealed class AddressPrefixTests
{
    [TestCase("any")]
    [TestCase("0.0.0.0/0")]
    [TestCase("198.18.0.0/15")]
    [TestCase("198.18.1.2/32")]
    [TestCase("::/0")]
    [TestCase("2001:db8::/32")]
    [TestCase("2001:db8::1/128")]
    public void Text_IsReadAndWrittenUnchanged(string text) =>
        Assert.That(AddressPrefix.Parse(text).ToString(), Is.EqualTo(text));

    [TestCase("198.18.1.2", "198.18.1.2/32")]
    [TestCase("2001:db8::1", "2001:db8::1/128")]
    public void SingleAddress_IsAPrefixOfFullLength(string text, string prefix) =>
        Assert.That(AddressPrefix.Parse(text), Is.EqualTo(AddressPrefix.Parse(prefix)));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("Any")]
    [TestCase("/8")]
    [TestCase("198.18.0.0/")]
    [TestCase("198.18.0.0/33")]
    [TestCase("198.18.0.0/-1")]
    [TestCase("198.18.0.0/015")]
    [TestCase("198.18.0.0/15/15")]
    [TestCase("198.18.0.0/255.254.0.0")]
    [TestCase("2001:db8::/129")]
    [TestCase("::ffff:198.18.0.0/111")]
    public void TextThatIsNoPrefix_IsRefused(string? text) =>
        Assert.That(AddressPrefix.TryParse(text, out _), Is.False);

    [TestCase("198.18.0.1/15")]
    [TestCase("198.19.0.0/14")]
    [TestCase("128.0.0.0/0")]
    [TestCase("2001:db8::1/32")]
    public void HostBitsSet_IsRefused(string text) => Assert.That(AddressPrefix.TryParse(text, out _), Is.False);

    [TestCase("198.18.0.0/15", "198.19.255.255", true)]
    [TestCase("198.18.0.0/15", "198.20.0.0", false)]
    [TestCase("198.18.0.0/15", "2001:db8::1", false)]
    [TestCase("0.0.0.0/0", "255.255.255.255", true)]
    [TestCase("0.0.0.0/0", "::1", false)]
    [TestCase("::/0", "ffff::1", true)]
    [TestCase("::/0", "198.18.1.2", false)]
    [TestCase("::/64", "198.18.1.2", false)]
    [TestCase("2001:db8::/32", "2001:db8:ffff::1", true)]
    [TestCase("2001:db8::/32", "2001:db9::", false)]
    [TestCase("any", "198.18.1.2", true)]
    [TestCase("any", "2001:db8::1", true)]
    public void Contains_FollowsPrefixAndFamily(string prefix, string address, bool expected) =>
        Assert.That(AddressPrefix.Parse(prefix).Contains(HostAddress.Parse(address)), Is.EqualTo(expected));

    [Test]
    public void Default_IsAny() => Assert.That(default(AddressPrefix), Is.EqualTo(AddressPrefix.Any));

    [Test]
    public void Contains_IsEqualityOfLeadingBits() =>
        WireGen.Holds(
            from network in WireGen.Address
            from address in WireGen.Address
            from length in Gen.Choose(0, network.Length * 8)
            select (network, address, length),
            static sample =>
            {
                var (network, address, length) = sample;
                var bits = Bits(network)[..length];
                var start = FromBits(bits.PadRight(network.Length * 8, '0'));
                var prefix = AddressPrefix.Parse($"{start}/{length}");
                var expected = address.IsIpv4 == network.IsIpv4
                    && Bits(address).StartsWith(bits, StringComparison.Ordinal);
                return prefix.Contains(network) && prefix.Contains(address) == expected;
            });

    private static string Bits(HostAddress address)
    {
        var octets = new byte[16];
        return string.Concat(octets[..address.WriteTo(octets)].Select(octet => octet.ToString("b8", null)));
    }

    private static HostAddress FromBits(string bits)
    {
        var octets = bits.Chunk(8).Select(octet => Convert.ToByte(new string(octet), 2)).ToArray();
        return octets.Length == 4 ? HostAddress.FromIpv4(octets) : HostAddress.FromIpv6(octets);
    }
}
