using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConnectOptionsTests
{
    private static readonly ConnectOptions Options = new([TcpOptionKind.Mptcp, TcpOptionKind.SackPermitted, TcpOptionKind.Timestamps]);

    // RFC 8803 section 7, paragraph by paragraph.
    [TestCase(new byte[] { }, new byte[] { }, TestName = "None")]
    [TestCase(new byte[] { 30, 2, 4, 2, 8, 2, 0, 0 }, new byte[] { }, TestName = "MptcpSackTimestamps_WithoutValues_Sent")]
    [TestCase(new byte[] { 1, 1, 1, 0 }, new byte[] { }, TestName = "NopAndEol_Ignored")]
    [TestCase(new byte[] { 2, 4, 5, 0xB4 }, new byte[] { }, TestName = "Mss_Ignored")]
    [TestCase(new byte[] { 3, 3, 7, 0 }, new byte[] { }, TestName = "WindowScale_Ignored")]
    [TestCase(new byte[] { 5, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, new byte[] { }, TestName = "Sack_Ignored")]
    [TestCase(new byte[] { 29, 4, 1, 1 }, new byte[] { 29 }, TestName = "TcpAo_Unsupported")]
    [TestCase(new byte[] { 34, 2, 0, 0 }, new byte[] { 34 }, TestName = "FastOpen_Unsupported")]
    [TestCase(new byte[] { 30, 4, 1, 1 }, new byte[] { 30 }, TestName = "Mptcp_WithContent_CannotBeCopied")]
    [TestCase(new byte[] { 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, new byte[] { 8 }, TestName = "Timestamps_WithValues_CannotBeCopied")]
    [TestCase(new byte[] { 19, 2, 30, 2, 254, 4, 0, 0 }, new byte[] { 19, 254 }, TestName = "SeveralUnsupported_AllNamed")]
    public void Check(byte[] options, byte[] expected)
    {
        var unsupported = new byte[40];
        var refusal = Options.Check(options, unsupported, out var count);
        Assert.That(unsupported.AsSpan(0, count).ToArray(), Is.EqualTo(expected));
        Assert.That(refusal, Is.EqualTo(count == 0 ? ConvertRefusal.None : ConvertRefusal.UnsupportedTcpOption));
    }

    [TestCase(new byte[] { 30, 1, 0, 0 })]
    [TestCase(new byte[] { 30, 5, 0, 0 })]
    [TestCase(new byte[] { 1, 1, 1, 30 })]
    public void LengthThatDoesNotFit_Malformed(byte[] options) =>
        Assert.That(Options.Check(options, new byte[4], out _), Is.EqualTo(ConvertRefusal.MalformedMessage));
}
