using Middlebox.Negotiation.Converter;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConvertHeaderTests
{
    [TestCase(new byte[] { 1, 6, 0x22, 0x63 }, ConvertRefusal.None, 24)]
    [TestCase(new byte[] { 1, 1, 0x22, 0x63 }, ConvertRefusal.None, 4)]
    [TestCase(new byte[] { 1, 255, 0x22, 0x63 }, ConvertRefusal.None, 1020)]
    [TestCase(new byte[] { 1, 0, 0x22, 0x63 }, ConvertRefusal.ZeroLength, 0)]
    [TestCase(new byte[] { 0, 6, 0x22, 0x63 }, ConvertRefusal.UnsupportedVersion, 24)]
    [TestCase(new byte[] { 2, 6, 0x22, 0x63 }, ConvertRefusal.UnsupportedVersion, 24)]
    [TestCase(new byte[] { 1, 6, 0x63, 0x22 }, ConvertRefusal.NotConvert, 0)]
    [TestCase(new byte[] { 0x16, 0x03, 0x01, 0x02 }, ConvertRefusal.NotConvert, 0, Description = "TLS")]
    [TestCase(new byte[] { 1, 6, 0x22 }, ConvertRefusal.NotConvert, 0)]
    public void Figure13(byte[] octets, ConvertRefusal expected, int length)
    {
        Assert.That(ConvertHeader.Read(octets, out var header), Is.EqualTo(expected));
        Assert.That(header.MessageLength, Is.EqualTo(length));
    }

    [Test]
    public void Write_IsWhatIsRead()
    {
        var octets = new byte[4];
        new ConvertHeader(1, 7).WriteTo(octets);
        Assert.That(octets, Is.EqualTo(new byte[] { 1, 7, 0x22, 0x63 }));
    }
}
