using Middlebox.Negotiation.Converter;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConvertReplyTests
{
    [Test]
    public void ExtendedTcpHeader_Figure21_IsTheServersOptions()
    {
        Assert.That(ConvertReply.TryRead(ConvertMessages.Of([0x14, 2, 0, 0, 2, 4, 5, 0xB4]), out var reply), Is.True);
        Assert.That(reply.Error, Is.Null);
        Assert.That(reply.ServerOptions.ToArray(), Is.EqualTo(new byte[] { 2, 4, 5, 0xB4 }));
    }

    [Test]
    public void MissingCookie_IsToldWithTheCookie()
    {
        Assert.That(ConvertReply.TryRead(ConvertMessages.Of([0x1E, 3, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8]), out var reply), Is.True);
        Assert.That((reply.Error, reply.ErrorValue), Is.EqualTo(((ConvertErrorCode?)ConvertErrorCode.MissingCookie, (byte)0)));
        Assert.That(reply.ErrorRest.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
    }

    [Test]
    public void ResourceExceeded_TellsTheDelay()
    {
        Assert.That(ConvertReply.TryRead(ConvertMessages.Of([0x1E, 1, 64, 45]), out var reply), Is.True);
        Assert.That((reply.Error, reply.ErrorValue), Is.EqualTo(((ConvertErrorCode?)ConvertErrorCode.ResourceExceeded, (byte)45)));
    }

    [Test]
    public void SupportedExtensions_Figure17_AreListed()
    {
        Assert.That(ConvertReply.TryRead(ConvertMessages.Of([0x15, 2, 0xFF, 0xFF, 30, 4, 0, 0]), out var reply), Is.True, "the unassigned field is ignored");
        Assert.That(reply.SupportedExtensions.ToArray(), Is.EqualTo(new byte[] { 30, 4, 0, 0 }));
    }

    [TestCase(new byte[] { 0x14, 1, 0, 0, 0x14, 1, 0, 0 }, TestName = "TlvTwice_Reset")]
    [TestCase(new byte[] { 0x00, 1, 0, 0 }, TestName = "TypeZero_Reset")]
    [TestCase(new byte[] { 0x1E, 2, 1, 0 }, TestName = "TlvBeyondTheMessage_Reset")]
    [TestCase(new byte[] { 0x1E, 0, 1, 0 }, TestName = "LengthZero_Reset")]
    public void Faulty(byte[] tlvs) => Assert.That(ConvertReply.TryRead(ConvertMessages.Of(tlvs), out _), Is.False);
}
