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
    public void AnyServer_WrittenThenRead_IsTheSame() => WireGen.Holds(
        from server in WireGen.Endpoint
        from isTransparent in WireGen.Bit
        select new DestinationOption(server, isTransparent),
        static option =>
        {
            Span<byte> bytes = stackalloc byte[22];
            var length = option.Write(bytes);
            return length == (option.Server.Address.IsIpv4 ? 10 : 22) && DestinationOption.TryRead(bytes[..length], out var again) && again == option;
        });

    [TestCase("1E0AF002C6120B020050", Description = "another type")]
    [TestCase("1E0AF801C6120B020050", Description = "a claim's P flag")]
    [TestCase("1E0AF201C6120B020050", Description = "another flag")]
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
        from type in Gen.Choose(0, 2)
        select (byte[])[30, (byte)(4 + length), 0xF0, (byte)type, .. content],
        static option =>
        {
            if (!DestinationOption.TryRead(option, out var read))
                return true;
            var written = new byte[read.Length];
            return read.Write(written) == option.Length && written.SequenceEqual(option);
        });

    private static byte[] Written(string server, bool isTransparent = false)
    {
        var option = new DestinationOption(HostEndpoint.Parse(server), isTransparent);
        var bytes = new byte[option.Length];
        option.Write(bytes);
        return bytes;
    }
}
