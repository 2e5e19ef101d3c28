using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConvertMessageWriterTests
{
    private readonly byte[] _buffer = new byte[ConvertConstants.MaximumMessageLength];

    [Test]
    public void BaseConnect_IsFigure18()
    {
        var writer = new ConvertMessageWriter(_buffer);
        writer.AddConnect(HostEndpoint.Parse("198.51.100.7:443"), []);
        Assert.That(writer.Finish().ToArray(), Is.EqualTo(ConvertMessages.Of(ConvertMessages.BaseConnect)));
    }

    [Test]
    public void ExtendedConnectInfoAndCookie_AreFigures19And16And22()
    {
        var writer = new ConvertMessageWriter(_buffer);
        writer.AddInfo();
        writer.AddConnect(HostEndpoint.Parse("[2001:db8::9]:80"), [30, 2, 4, 2]);
        writer.AddCookie([1, 2, 3, 4, 5, 6, 7, 8]);
        Assert.That(
            writer.Finish().ToArray(),
            Is.EqualTo(ConvertMessages.Of(ConvertMessages.Info, ConvertMessages.ExtendedConnect, ConvertMessages.Cookie)));
    }

    [Test]
    public void SupportedTcpExtensions_IsFigure17PaddedWithZeros()
    {
        var writer = new ConvertMessageWriter(_buffer);
        writer.AddSupportedTcpExtensions([TcpOptionKind.Mptcp, TcpOptionKind.SackPermitted, TcpOptionKind.Timestamps]);
        Assert.That(writer.Finish().ToArray(), Is.EqualTo(ConvertMessages.Of([0x15, 2, 0, 0, 30, 4, 8, 0])));
    }

    [Test]
    public void ExtendedTcpHeader_IsFigure21()
    {
        var writer = new ConvertMessageWriter(_buffer);
        writer.AddExtendedTcpHeader([2, 4, 5, 0xB4, 4, 2]);
        Assert.That(writer.Finish().ToArray(), Is.EqualTo(ConvertMessages.Of([0x14, 3, 0, 0, 2, 4, 5, 0xB4, 4, 2, 0, 0])));
    }

    [Test]
    public void Error_IsFigure23()
    {
        var writer = new ConvertMessageWriter(_buffer);
        writer.AddError(ConvertErrorCode.DestinationUnreachable, 13, []);
        Assert.That(writer.Finish().ToArray(), Is.EqualTo(ConvertMessages.Of([0x1E, 1, 97, 13])));
    }

    [Test]
    public void LongestMessage_Is1020Octets()
    {
        var writer = new ConvertMessageWriter(_buffer);
        writer.AddError(ConvertErrorCode.MalformedMessage, 0, new byte[1012]);
        Assert.That(writer.Finish().Length, Is.EqualTo(1020));
    }
}
