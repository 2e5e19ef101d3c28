using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Addressed;

[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PromotionTests
{
    private const string Client = "198.18.1.2:40000";
    private const string Proxy = "198.18.3.2:5125";
    private const string Server = "198.18.11.2:80";
    private const uint ClientIsn = 1000;
    private const uint ServerIsn = 5000;
    private const ulong ClientKey = 0x0102030405060708;
    private const ulong ServerKey = 0xA1A2A3A4A5A6A7A8;

    private Promotion _promotion = New(isTransparent: false);

    [Test]
    public void CapableServer_IsAnnouncedOnceItHasAcknowledgedData()
    {
        Handshake();
        FromClient(Ack().Sequence(ClientIsn + 1).Acknowledging(ServerIsn + 1).Option(Data(ClientKey, ServerKey)).Payload(1, 2, 3));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.AwaitingProof));
        FromServer(Answer().Sequence(ServerIsn + 1).Acknowledging(ClientIsn + 4).Timestamps(77, 78));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Announcing));

        var packet = new byte[Promotion.MaximumSegmentLength];
        TcpPacket.Read(packet.AsSpan(0, _promotion.WriteAnnouncement(packet)), out var segment);
        Assert.That((segment.Source.ToString(), segment.Destination.ToString()), Is.EqualTo((Proxy, Client)));
        Assert.That((segment.Sequence, segment.Acknowledgment, segment.Flags), Is.EqualTo((ServerIsn + 1, ClientIsn + 4, TcpFlags.Ack)));
        Assert.That(HandshakeOptions.Read(segment.Options).TimestampValue, Is.EqualTo(77));
        var server = HostEndpoint.Parse(Server);
        Assert.That(Find<AddAddress>(segment.Options, AddAddress.TryRead), Is.EqualTo(new AddAddress(
            200, server.Address, server.Port, AddAddressHmac.Compute(ServerKey, ClientKey, 200, in server))));
    }

    [Test]
    public void TransparentHost_IsToldTheProxysPort()
    {
        _promotion = New(isTransparent: true);
        Handshake();
        Assert.That(_promotion.DeniesJoins, Is.False);
        Assert.That(_promotion.Announced.ToString(), Is.EqualTo("198.18.11.2:5125"));
    }

    [Test]
    public void HostThatConnectsToTheProxy_IsToldNotToJoinThere()
    {
        Handshake();
        Assert.That(_promotion.DeniesJoins, Is.True);
        Assert.That(_promotion.Announced.ToString(), Is.EqualTo(Server));
    }

    [Test]
    public void ServerThatSpeaksFirst_IsAnnouncedAfterTwoDataAcknowledgments()
    {
        Handshake();
        Confirm();
        for (uint i = 1; i <= 2; i++)
        {
            Assert.That(_promotion.State, Is.EqualTo(PromotionState.AwaitingProof));
            FromServer(Answer().Sequence(ServerIsn + i).Acknowledging(ClientIsn + 1).Payload(9));
            FromClient(Ack().Sequence(ClientIsn + 1).Acknowledging(ServerIsn + 1 + i).Option(DataAck()));
        }

        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Announcing));
    }

    [Test]
    public void Priorities_GoToBothSidesInTheNameOfTheOther()
    {
        CapableServer_IsAnnouncedOnceItHasAcknowledgedData();
        var packet = new byte[Promotion.MaximumSegmentLength];
        TcpPacket.Read(packet.AsSpan(0, _promotion.WritePriorityToServer(packet)), out var segment);
        Assert.That((segment.Source.ToString(), segment.Destination.ToString()), Is.EqualTo(("198.18.3.2:40000", Server)));
        Assert.That((segment.Sequence, segment.Acknowledgment), Is.EqualTo((ClientIsn + 4, ServerIsn + 1)));
        Assert.That(Find<MpPriority>(segment.Options, MpPriority.TryRead)!.Value.IsBackup, Is.True);
        TcpPacket.Read(packet.AsSpan(0, _promotion.WritePriorityToClient(packet)), out segment);
        Assert.That((segment.Source.ToString(), segment.Destination.ToString()), Is.EqualTo((Proxy, Client)));
        Assert.That(Find<MpPriority>(segment.Options, MpPriority.TryRead)!.Value.IsBackup, Is.True);
    }

    [Test]
    public void Receipt_EndsTheAnnouncements()
    {
        CapableServer_IsAnnouncedOnceItHasAcknowledgedData();
        FromClient(Ack().Acknowledging(ServerIsn + 1).Option(Receipt(200)));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Promoted));
    }

    [Test]
    public void ReceiptOfAnotherAddress_DoesNot()
    {
        CapableServer_IsAnnouncedOnceItHasAcknowledgedData();
        FromClient(Ack().Acknowledging(ServerIsn + 1).Option(Receipt(1)));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Announcing));
    }

    [Test]
    public void NoReceipt_EndsAfterSevenAnnouncements()
    {
        CapableServer_IsAnnouncedOnceItHasAcknowledgedData();
        for (var i = 0; i < 7; i++)
            Assert.That(_promotion.TryAnnounce(), Is.True);
        Assert.That((_promotion.TryAnnounce(), _promotion.State), Is.EqualTo((false, PromotionState.Unconfirmed)));
    }

    [Test]
    public void LegacyServer_IsPlain()
    {
        FromClient(PacketBuilder.LinuxMptcpSyn(Client, Server).Isn(ClientIsn));
        FromServer(SynAck().Mss(1460));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Plain));
    }

    [Test]
    public void ServerThatDeniesJoins_IsLeftAlone()
    {
        FromClient(PacketBuilder.LinuxMptcpSyn(Client, Server).Isn(ClientIsn));
        FromServer(SynAck().Option(Written(MpCapable.SynAck(MpCapableFlags.HmacSha256 | MpCapableFlags.DenyJoinInitialAddress, ServerKey))));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Undesired));
    }

    [Test]
    public void ClientThatFallsBack_IsPlain()
    {
        Handshake();
        FromClient(Ack().Sequence(ClientIsn + 1).Acknowledging(ServerIsn + 1));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Plain));
    }

    [Test]
    public void KeyThatIsNotTheServers_IsPlain()
    {
        Handshake();
        FromClient(Ack().Sequence(ClientIsn + 1).Acknowledging(ServerIsn + 1).Option(Written(
            MpCapable.Ack(MpCapableFlags.HmacSha256, ClientKey, ServerKey + 1))));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Plain));
    }

    [Test]
    public void Reset_Ends()
    {
        Handshake();
        FromServer(PacketBuilder.Rst(Server, Client));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.Ended));
    }

    private static Promotion New(bool isTransparent) => new(
        new FlowKey(HostEndpoint.Parse(Client), HostEndpoint.Parse(Proxy)), new DestinationOption(HostEndpoint.Parse(Server), isTransparent), ClientIsn)
    { Translated = HostEndpoint.Parse("198.18.3.2:40000") };

    private delegate bool Reader<T>(ReadOnlySpan<byte> option, out T value);

    private static T? Find<T>(ReadOnlySpan<byte> options, Reader<T> read)
        where T : struct
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (read(reader.Bytes, out var value))
                return value;
        }

        return null;
    }

    private static byte[] Written(MpCapable option)
    {
        var bytes = new byte[option.Length];
        option.Write(bytes);
        return bytes;
    }

    private static byte[] Data(ulong clientKey, ulong serverKey) =>
        Written(MpCapable.Data(MpCapableFlags.HmacSha256, clientKey, serverKey, dataLength: 3));

    private static byte[] DataAck()
    {
        var dss = new Dss { Flags = DssFlags.HasDataAck, DataAck = 1 };
        var bytes = new byte[dss.Length];
        dss.Write(bytes);
        return bytes;
    }

    private static byte[] Receipt(byte id)
    {
        var server = HostEndpoint.Parse(Server);
        var receipt = new AddAddress(id, server.Address, server.Port, Hmac: null);
        var bytes = new byte[receipt.Length];
        receipt.Write(bytes);
        return bytes;
    }

    private static PacketBuilder Ack() => PacketBuilder.Ack(Client, Server);

    private static PacketBuilder Answer() => PacketBuilder.Ack(Server, Client);

    private static PacketBuilder SynAck() => PacketBuilder.SynAck(Server, Client).Isn(ServerIsn).Acknowledging(ClientIsn + 1);

    private void Handshake()
    {
        FromClient(PacketBuilder.LinuxMptcpSyn(Client, Server).Isn(ClientIsn));
        FromServer(SynAck().Option(Written(MpCapable.SynAck(MpCapableFlags.HmacSha256, ServerKey))));
        Assert.That(_promotion.State, Is.EqualTo(PromotionState.AwaitingKeys));
    }

    private void Confirm() => FromClient(Ack().Sequence(ClientIsn + 1).Acknowledging(ServerIsn + 1).Option(Written(
        MpCapable.Ack(MpCapableFlags.HmacSha256, ClientKey, ServerKey))));

    private void FromClient(PacketBuilder packet) => Observe(packet, isFromClient: true);

    private void FromServer(PacketBuilder packet) => Observe(packet, isFromClient: false);

    private void Observe(PacketBuilder packet, bool isFromClient)
    {
        TcpPacket.Read(packet.Build(), out var segment);
        _promotion.Observe(in segment, isFromClient);
    }
}
