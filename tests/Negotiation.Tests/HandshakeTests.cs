using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests;

/// <summary>The packets that are made of what is remembered of a connection.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class HandshakeTests(string client, string server)
{
    private const TcpFlags EcnSyn = TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr;

    private readonly NegotiatorBench _box = new(client, server);
    private readonly byte[] _packet = new byte[Handshake.MaximumSynLength];

    [Test]
    public void WriteSyn_PlainSyn_IsTheClientsByteForByte()
    {
        var syn = _box.MptcpSyn().Window(29200).TrafficClass(0xB8).Build();
        Assert.That(Copy(syn), Is.EqualTo(syn));
    }

    [Test]
    public void WriteSyn_WithEcn_KeepsTheClientsRequest()
    {
        var syn = _box.MptcpSyn().Flags(EcnSyn).Build();
        Assert.That(Copy(syn), Is.EqualTo(syn), "the client's own leg can do ECN");
    }

    [Test]
    public void WriteSyn_OptionsInAnyOrderWithPadding_AreTheSameBytes()
    {
        var syn = _box.PlainSyn().MpCapable().Nop().Option(254, 4, 1, 2).EndOfList().Build();
        Assert.That(Copy(syn), Is.EqualTo(syn));
    }

    [Test]
    public void WriteSyn_FortyBytesOfOptions_FitTheBuffer()
    {
        var syn = _box.PlainSyn().MpCapable().Option(254, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14).Build();
        Assert.That(Copy(syn), Is.EqualTo(syn));
    }

    [Test]
    public void WriteSyn_IpHeaderWithExtras_IsBareOfThem()
    {
        var plain = _box.MptcpSyn().Build();
        var syn = server.StartsWith('[')
            ? _box.MptcpSyn().Ipv6ExtensionHeader(60, 0, 1, 4, 0, 0, 0, 0).Build()
            : _box.MptcpSyn().Ipv4Options(1, 1, 1, 0).Build();
        Assert.That(syn, Has.Length.GreaterThan(plain.Length));
        Assert.That(Copy(syn), Is.EqualTo(plain));
    }

    [Test]
    public void WriteSyn_AfterRepeats_IsOfTheSameConnection()
    {
        var syn = _box.MptcpSyn().Build();
        _box.Decide(syn);
        _box.Decide(_box.MptcpSyn().Window(1));
        var length = _box.Decide(_box.SynAck()).Handshake!.WriteSyn(_packet);
        Assert.That(_packet[..length], Is.EqualTo(syn));
    }

    [Test]
    public void WriteSyn_ReadsBackWithValidChecksum()
    {
        var length = Copy(_box.MptcpSyn().Build()).Length;
        Assert.That(TcpPacket.Read(_packet.AsSpan(0, length), out var copy), Is.EqualTo(PacketDefect.None));
        Assert.That(InternetChecksum.TcpChecksumIsValid(_packet.AsSpan(0, length), copy.TcpOffset), Is.True);
        Assert.That(copy.FlowFromClient, Is.EqualTo(_box.Flow));
        Assert.That(copy.Sequence, Is.EqualTo(NegotiatorBench.Isn));
        Assert.That(HandshakeOptions.Read(copy.Options).MpCapable, Is.EqualTo(MpCapableKind.Version1));
        Assert.That(copy.PayloadLength, Is.Zero);
    }

    // RFC 9293 section 3.10.7.4: believed in SYN-RECEIVED because it is exactly what is expected next.
    [TestCase(NegotiatorBench.Isn, NegotiatorBench.Isn + 1)]
    [TestCase(uint.MaxValue, 0u)]
    public void WriteReset_HasTheNextSequenceNumberAndNothingElse(uint isn, uint sequence)
    {
        var length = _box.Act(isn).WriteReset(_packet);
        Assert.That(TcpPacket.Read(_packet.AsSpan(0, length), out var reset), Is.EqualTo(PacketDefect.None));
        Assert.That(reset.Bytes.Length, Is.EqualTo(length));
        Assert.That(reset.Flags, Is.EqualTo(TcpFlags.Rst));
        Assert.That(reset.Sequence, Is.EqualTo(sequence));
        Assert.That(reset.FlowFromClient, Is.EqualTo(_box.Flow));
        Assert.That(reset.Options.Length + reset.PayloadLength, Is.Zero);
        Assert.That(InternetChecksum.TcpChecksumIsValid(_packet.AsSpan(0, length), reset.TcpOffset), Is.True);
    }

    private byte[] Copy(byte[] syn)
    {
        _box.Decide(syn);
        var length = _box.Decide(_box.SynAck()).Handshake!.WriteSyn(_packet);
        return _packet[..length];
    }
}
