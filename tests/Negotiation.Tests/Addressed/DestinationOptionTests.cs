using FsCheck.Fluent;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Tests.Wire;

namespace Middlebox.Negotiation.Tests.Addressed;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class DestinationOptionTests
{
    [Test]
    public void Ipv4_AsOnTheWire() => Assert.That(
        Written("198.18.11.2:80"), Is.EqualTo(new byte[] { 30, 10, 0xF0, 1, 198, 18, 11, 2, 0, 80 }));

    [Test]
    public void TransparentHost_IsTheLowestBit() => Assert.That(
        Written("198.18.11.2:80", isTransparent: true), Is.EqualTo(new byte[] { 30, 10, 0xF1, 1, 198, 18, 11, 2, 0, 80 }));

    [Test]
    public void Ipv6_AsOnTheWire() => Assert.That(
        Written("[2001:db8:11::2]:443"),
        Is.EqualTo(new byte[] { 30, 22, 0xF0, 1, 0x20, 1, 0x0d, 0xb8, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0xBB }));

    [Test]
    public void Tag_Ipv4_SixOctetsBehindThePort_AndTheIdOfTheKeyInFrontOfTheAddress() => Assert.That(
        Written("198.18.11.2:80", isTransparent: true, new DestinationTag(5, 0xA1A2A3A4A5A6)),
        Is.EqualTo(new byte[] { 30, 16, 0xF3, 5, 198, 18, 11, 2, 0, 80, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6 }));

    [Test]
    public void Tag_Ipv6_FourOctets() => Assert.That(
        Written("[2001:db8:11::2]:443", isTransparent: false, new DestinationTag(63, 0xA1A2A3A4)),
        Is.EqualTo(new byte[] { 30, 26, 0xF2, 63, 0x20, 1, 0x0d, 0xb8, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0xBB, 0xA1, 0xA2, 0xA3, 0xA4 }));

    [Test]
    public void AnyServer_WrittenThenRead_IsTheSame() => WireGen.Holds(
        from server in WireGen.Endpoint
        from isTransparent in WireGen.Bit
        from isTagged in WireGen.Bit
        from key in Gen.Choose(0, 63)
        from tag in WireGen.LongNumber
        select new DestinationOption(server, isTransparent, isTagged ? new DestinationTag((byte)key, tag >> (server.Address.IsIpv4 ? 16 : 32)) : null),
        static option =>
        {
            Span<byte> bytes = stackalloc byte[DestinationOption.MaximumLength];
            var length = option.Write(bytes);
            var expected = (option.Server.Address.IsIpv4, option.Tag is null) switch { (true, true) => 10, (true, _) => 16, (_, true) => 22, _ => 26 };
            return length == expected && DestinationOption.TryRead(bytes[..length], out var again) && again == option;
        });

    [TestCase("1E0AF002C6120B020050", Description = "another type")]
    [TestCase("1E0AF801C6120B020050", Description = "a claim's P flag")]
    [TestCase("1E0AF401C6120B020050", Description = "another flag")]
    [TestCase("1E0AF201C6120B020050", Description = "signed, and no tag")]
    [TestCase("1E10F001C6120B020050A1A2A3A4A5A6", Description = "a tag, and not signed")]
    [TestCase("1E10F340C6120B020050A1A2A3A4A5A6", Description = "another version of tags")]
    [TestCase("1E0EF301C6120B020050A1A2A3A4", Description = "the tag of an IPv6 server")]
    [TestCase("1E0AE001C6120B020050", Description = "another subtype")]
    [TestCase("1E0BF001C6120B02005000", Description = "another length")]
    [TestCase("1E09F001C6120B0200", Description = "cut")]
    [TestCase("1E16F001C6120B020050", Description = "a length beyond the end")]
    [TestCase("1E16F00100000000000000000000FFFFC6120B020050", Description = "an IPv4 address as an IPv6 one")]
    [TestCase("", Description = "nothing")]
    public void AnythingElse_IsRefused(string option) =>
        Assert.That(DestinationOption.TryRead(Convert.FromHexString(option), out _), Is.False);

    [Test]
    public void AnyBytes_AreRefusedOrReadAsTheyWouldBeWritten() => WireGen.Holds(
        from length in Gen.Choose(0, 40)
        from content in WireGen.Octets(length)
        from flags in Gen.Choose(0, 3)
        from type in Gen.Choose(0, 66)
        select (byte[])[30, (byte)(4 + length), (byte)(0xF0 | flags), (byte)(flags < 2 ? type % 3 : type), .. content],
        static option =>
        {
            if (!DestinationOption.TryRead(option, out var read))
                return true;
            var written = new byte[read.Length];
            return read.Write(written) == option.Length && written.SequenceEqual(option);
        });

    private static byte[] Written(string server, bool isTransparent = false, DestinationTag? tag = null)
    {
        var option = new DestinationOption(HostEndpoint.Parse(server), isTransparent, tag);
        var bytes = new byte[option.Length];
        option.Write(bytes);
        return bytes;
    }
}
