using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ServerAnswerTests
{
    private const string BoxV4 = "198.18.3.2:40000";
    private const string ServerV4 = "198.18.10.2:80";
    private const string BoxV6 = "[2001:db8:3::2]:40000";
    private const string ServerV6 = "[2001:db8:10::2]:80";

    [TestCase(BoxV4, ServerV4)]
    [TestCase(BoxV6, ServerV6)]
    public void SynAck_OptionsAsTheyStand(string box, string server)
    {
        var packet = PacketBuilder.SynAck(server, box).Mss(1460).SackPermitted().Build();
        Assert.That(ServerAnswer.TryRead(packet, out var answer), Is.True);
        Assert.That(answer.Attempt, Is.EqualTo(new FlowKey(HostEndpoint.Parse(box), HostEndpoint.Parse(server))));
        Assert.That(answer.UnreachableCode, Is.Null);
        Assert.That(answer.Options[..6].ToArray(), Is.EqualTo(new byte[] { 2, 4, 5, 0xB4, 4, 2 }));
    }

    [TestCase(TcpFlags.Syn)]
    [TestCase(TcpFlags.Ack)]
    [TestCase(TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)]
    public void OtherSegments_AreNone(TcpFlags flags) =>
        Assert.That(ServerAnswer.TryRead(PacketBuilder.Segment(ServerV4, BoxV4, flags).Build(), out _), Is.False);

    [TestCase((byte)0)]
    [TestCase((byte)13)]
    public void IcmpUnreachable_CodeAndTheAttemptItIsAbout(byte code)
    {
        var syn = PacketBuilder.LinuxMptcpSyn(BoxV4, ServerV4).Build();
        Assert.That(ServerAnswer.TryRead([.. Ipv4(1, 8 + 28), 3, code, 0, 0, 0, 0, 0, 0, .. syn[..28]], out var answer), Is.True);
        Assert.That(answer.UnreachableCode, Is.EqualTo(code));
        Assert.That(answer.Attempt, Is.EqualTo(new FlowKey(HostEndpoint.Parse(BoxV4), HostEndpoint.Parse(ServerV4))));
    }

    [Test]
    public void Icmp6Unreachable_CodeAndTheAttemptItIsAbout()
    {
        var syn = PacketBuilder.LinuxMptcpSyn(BoxV6, ServerV6).Build();
        byte[] packet = [0x60, 0, 0, 0, 0, (byte)(8 + syn.Length), 58, 64, .. new byte[32], 1, 1, 0, 0, 0, 0, 0, 0, .. syn];
        Assert.That(ServerAnswer.TryRead(packet, out var answer), Is.True);
        Assert.That(answer.UnreachableCode, Is.EqualTo(1));
        Assert.That(answer.Attempt, Is.EqualTo(new FlowKey(HostEndpoint.Parse(BoxV6), HostEndpoint.Parse(ServerV6))));
    }

    [TestCase((byte)8, (byte)6, TestName = "Echo_None")]
    [TestCase((byte)11, (byte)6, TestName = "TimeExceeded_None")]
    [TestCase((byte)3, (byte)17, TestName = "AboutUdp_None")]
    public void OtherIcmp(byte type, byte protocol)
    {
        var syn = PacketBuilder.LinuxMptcpSyn(BoxV4, ServerV4).Build();
        syn[9] = protocol;
        Assert.That(ServerAnswer.TryRead([.. Ipv4(1, 36), type, 0, 0, 0, 0, 0, 0, 0, .. syn[..28]], out _), Is.False);
    }

    // Found by fuzzing: they were read as an error about addresses that stood elsewhere.
    [TestCase(0, (byte)0x41, TestName = "HeaderShorterThanThereIs_None")]
    [TestCase(7, (byte)1, TestName = "LaterFragment_None")]
    [TestCase(28, (byte)0x43, TestName = "QuotedHeaderShorterThanThereIs_None")]
    [TestCase(28, (byte)0x65, TestName = "QuotedPacketOfAnotherVersion_None")]
    [TestCase(35, (byte)1, TestName = "QuotedLaterFragment_None")]
    public void MisleadingIcmp(int octet, byte value)
    {
        var syn = PacketBuilder.LinuxMptcpSyn(BoxV4, ServerV4).Build();
        byte[] packet = [.. Ipv4(1, 8 + syn.Length), 3, 1, 0, 0, 0, 0, 0, 0, .. syn];
        Assert.That(ServerAnswer.TryRead(packet, out _), Is.True);
        packet[octet] = value;
        Assert.That(ServerAnswer.TryRead(packet, out _), Is.False);
    }

    private static byte[] Ipv4(byte protocol, int payload) =>
        [0x45, 0, 0, (byte)(20 + payload), 0, 0, 0, 0, 64, protocol, 0, 0, 198, 18, 3, 1, 198, 18, 3, 2];
}
