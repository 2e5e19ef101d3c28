using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>What the proxy does when the server that a host has named does not speak MPTCP.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AddressedHandshakesTests
{
    private const string Client = "198.18.1.2:40000";
    private const string Other = "198.18.1.2:40001";
    private const string Proxy = "198.18.3.2:5125";
    private const string Server = "198.18.10.2:80";
    private const uint Token = 0xdead_beef;

    private static readonly PacketMarks Marks = PacketMarks.Parse("0x0f000000");
    private static readonly NegotiationOptions Options = new() { MaxHalfOpen = 1 };
    private static readonly FlowKey Addressed = new(HostEndpoint.Parse(Client), HostEndpoint.Parse(Proxy));
    private static readonly FlowKey AtServer = new(HostEndpoint.Parse("198.18.3.2:40000"), HostEndpoint.Parse(Server));

    private readonly RecordingTracking _tracking = new();
    private readonly RecordingTaker _taker = new();
    private readonly RecordingSink _network = new();
    private readonly RecordingSink _kernel = new();
    private readonly RecordingSink _server = new();
    private readonly AddressedCounters _counters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ServedTokens _tokens;
    private readonly AddressedHandshakes _handshakes;
    private readonly AddressedRelay _relay;

    public AddressedHandshakesTests()
    {
        _tokens = new ServedTokens(_time);
        _handshakes = new AddressedHandshakes(_taker, _tracking, _kernel, _server, Marks, Options, _counters, _time);
        _relay = new AddressedRelay(
            [HostEndpoint.Parse(Proxy)],
            new AddressedPolicy(new ConverterPolicy([AddressPrefix.Any], [AddressPrefix.Any], PortSet.Any, hairpinning: true), _ => false),
            new PromotionTable(capacity: 4, TimeSpan.FromMinutes(5), _time),
            _handshakes,
            new AddressedJoins(_tokens, _kernel, new DeferredPackets(_time)),
            _tracking,
            _network,
            Marks,
            _counters,
            _time);
    }

    [Test]
    public void SynAck_WithoutMpCapable_Acts()
    {
        Handle(Named());
        Assert.That(Handle(Answer()), Is.Empty, "it is held back");

        var handshake = _taker.Taken.Single();
        Assert.That((handshake.Flow, handshake.ServerFlow, handshake.IsAddressed), Is.EqualTo((Addressed, AtServer, true)));
        Assert.That(_kernel.Packets, Is.EqualTo(new[] { Plain().Build() }), "the own kernel gets the SYN as the host has made it");
        Assert.That(_tracking.Entries.Keys, Is.EqualTo(new[] { AtServer }), "nothing is translated any more, and the port is taken");
        Assert.That((_counters.Handshakes, _counters.Pending), Is.EqualTo((1, 0)));
        Assert.That(_counters.Ended(), Is.EqualTo(new Dictionary<PromotionState, long> { [PromotionState.Acted] = 1 }));
    }

    [Test]
    public void ServersIsn_AndOptions_AreInTheHandshake()
    {
        Handle(Named());
        Handle(Answer(isn: 4711));
        Assert.That((_taker.Taken[0].ClientIsn, _taker.Taken[0].ServerIsn, _taker.Taken[0].ServerOptions.Mss), Is.EqualTo((0u, 4711u, (ushort?)1400)));
    }

    [TestCase(Reason.FlowLimit)]
    [TestCase(Reason.PortReserved)]
    [TestCase(Reason.ListenerUnavailable)]
    public void Relay_ThatCannotAct_TheConnectionIsTranslatedAsItWas(Reason refusal)
    {
        _taker.Refusal = refusal;
        Handle(Named());
        Assert.That(Handle(Answer()), Is.EqualTo(Answer()));
        Assert.That(_tracking.Entries[Addressed].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_kernel.Packets, Is.Empty);
        Assert.That(_counters.HandshakesEnded(), Is.EqualTo(new Dictionary<Reason, long> { [refusal] = 1 }));
        Assert.That(_counters.Ended().Keys, Is.EqualTo(new[] { PromotionState.Plain }));
    }

    [Test]
    public void NoRoom_TheConnectionIsTranslatedAsItWas_UntilAnotherHasWaitedForAWhile()
    {
        Handle(Named());
        Handle(Answer());
        Handle(Named(Other));
        Assert.That(Handle(Answer(Other)), Is.Not.Empty);
        Assert.That(_counters.HandshakesEnded(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.HalfOpenLimit] = 1 }));

        _time.Advance(NegotiationOptions.Grace);
        Handle(Named("198.18.1.2:40002"));
        Assert.That(Handle(Answer("198.18.1.2:40002")), Is.Empty);
        Assert.That(_taker.GivenUp.Single().Flow, Is.EqualTo(Addressed));
        Assert.That(_counters.HandshakesEnded()[Reason.Displaced], Is.EqualTo(1));
    }

    [Test]
    public void RepeatedSyn_IsDeliveredAgain()
    {
        Handle(Named());
        Handle(Answer());
        Assert.That(Handle(Named()), Is.Empty);
        Assert.That(_kernel.Packets, Is.EqualTo(new[] { Plain().Build(), Plain().Build() }));
        Assert.That(_taker.Taken, Has.Count.EqualTo(1));
    }

    [Test]
    public void AnotherSyn_EndsTheHandshake_AndIsTranslated()
    {
        Handle(Named());
        Handle(Answer());
        Assert.That(Handle(Named(Client, isn: 77)), Is.EqualTo(Plain().Isn(77).Build()));
        Assert.That(_taker.GivenUp, Has.Count.EqualTo(1));
        Assert.That(_tracking.Entries[Addressed].Destination, Is.EqualTo(HostEndpoint.Parse(Server)));
    }

    [Test]
    public void ClientThatVanishes_ServerAndKernelAreTold()
    {
        Handle(Named());
        Handle(Answer());
        _time.Advance(Options.ClientTimeout);
        _relay.Round();
        TcpPacket.Read(_kernel.Packets[^1], out var toKernel);
        TcpPacket.Read(_server.Packets.Single(), out var toServer);
        Assert.That((toKernel.Flags, toKernel.FlowFromClient), Is.EqualTo((TcpFlags.Rst, Addressed)));
        Assert.That((toServer.Flags, toServer.FlowFromClient), Is.EqualTo((TcpFlags.Rst, AtServer)));
        Assert.That(_taker.GivenUp, Has.Count.EqualTo(1));
        Assert.That(_counters.Handshakes, Is.Zero);
    }

    [Test]
    public void Adopted_IsForgotten_AndNobodyIsTold()
    {
        Handle(Named());
        Handle(Answer());
        _taker.Taken[0].TrySettle(Reason.Adopted);
        _time.Advance(Options.ClientTimeout);
        _relay.Round();
        _relay.Stop();
        Assert.That(_taker.GivenUp, Is.Empty);
        Assert.That(_server.Packets, Is.Empty);
        Assert.That(_counters.HandshakesEnded(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.Adopted] = 1 }));
    }

    [Test]
    public void TheEnd_GivesUpWhatWaits()
    {
        Handle(Named());
        Handle(Answer());
        _relay.Stop();
        Assert.That(_counters.HandshakesEnded(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.Stopped] = 1 }));
    }

    [Test]
    public void BoxThatIsAboutToEnd_TranslatesOnly()
    {
        _handshakes.Retire();
        Handle(Named());
        Assert.That(Handle(Answer()), Is.EqualTo(Answer()));
        Assert.That(_counters.HandshakesEnded(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.Stopped] = 1 }));
    }

    [Test]
    public void Kernel_ThatTakesNoPacket_TheServerIsTold_AndTheHostBeginsAnew()
    {
        _kernel.Refuses = true;
        Handle(Named());
        Assert.That(Handle(Answer()), Is.Empty);
        Assert.That(_taker.GivenUp, Has.Count.EqualTo(1));
        Assert.That(Handle(Named()), Is.EqualTo(Plain().Build()), "a repeated SYN goes to the server as the first did");
    }

    [Test]
    public void RequestForEcn_IsWithdrawnFromTheServer_NotFromTheOwnKernel()
    {
        const TcpFlags Request = TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr;
        TcpPacket.Read(Handle(Named(PacketBuilder.LinuxMptcpSyn(Client, Proxy).Flags(Request))), out var forwarded);
        Handle(Answer());
        TcpPacket.Read(_kernel.Packets.Single(), out var delivered);
        Assert.That((forwarded.Flags, delivered.Flags), Is.EqualTo((TcpFlags.Syn, Request)));
    }

    [Test]
    public void SynWithoutMptcp_IsNotActedOn()
    {
        Handle(Named(PacketBuilder.Syn(Client, Proxy).Mss(1460)));
        Assert.That(Handle(Answer()), Is.EqualTo(Answer()));
        Assert.That(_taker.Taken, Is.Empty);
    }

    [Test]
    public void OwnSynAck_TellsTheHostThatTheBoxActs()
    {
        Handle(Named());
        Handle(Answer());
        var capable = new byte[12];
        MpCapable.SynAck(MpCapableFlags.HmacSha256, 7).Write(capable);
        var declared = Handle(PacketBuilder.SynAck(Proxy, Client).Mss(1460).Option(capable).Build());
        TcpPacket.Read(declared, out var segment);
        var found = false;
        for (var reader = new TcpOptionReader(segment.Options); reader.MoveNext();)
            found |= ActingOption.TryRead(reader.Bytes, out _);
        Assert.That(found, Is.True);
        Assert.That(InternetChecksum.TcpChecksumIsValid(declared, segment.TcpOffset), Is.True);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void OwnSynAck_OfASubflowOrAnotherConnection_StaysAsItIs(bool isSubflow)
    {
        Handle(Named());
        Handle(Answer());
        var option = new byte[isSubflow ? 16 : 12];
        if (isSubflow)
            (option[0], option[1], option[2]) = (30, 16, 0x10);
        else
            MpCapable.SynAck(MpCapableFlags.HmacSha256, 7).Write(option);
        var synAck = PacketBuilder.SynAck(Proxy, isSubflow ? Client : Other).Option(option).Build();
        Assert.That(Handle(synAck), Is.EqualTo(synAck));
    }

    [Test]
    public void Join_OfAConnectionOfTheBox_IsDelivered()
    {
        _tokens.Add(Token, HostEndpoint.Parse(Proxy));
        Assert.That(Handle(Join()), Is.Empty);
        Assert.That(_kernel.Packets, Is.EqualTo(new[] { Join() }));
    }

    [Test]
    public void Join_OfNobody_StaysAsItIs()
    {
        Assert.That(Handle(Join()), Is.EqualTo(Join()));
        Assert.That(_kernel.Packets, Is.Empty);
    }

    [Test]
    public void Join_ThatOvertakesTheNews_WaitsForIt()
    {
        _tokens.Expect(HostEndpoint.Parse(Proxy));
        Assert.That(Handle(Join()), Is.Empty);
        _relay.Round();
        Assert.That(_kernel.Packets, Is.Empty);
        _tokens.Add(Token, HostEndpoint.Parse(Proxy));
        _relay.Round();
        Assert.That(_kernel.Packets, Is.EqualTo(new[] { Join() }));
    }

    [Test]
    public void Join_OfWhichNothingIsLearnt_IsTheHostsToRepeat()
    {
        _tokens.Expect(HostEndpoint.Parse(Proxy));
        Handle(Join());
        _time.Advance(DeferredPackets.Patience);
        _relay.Round();
        _tokens.Add(Token, HostEndpoint.Parse(Proxy));
        _relay.Round();
        Assert.That(_kernel.Packets, Is.Empty);
    }

    private static PacketBuilder Plain(string client = Client) => PacketBuilder.LinuxMptcpSyn(client, Proxy);

    private static byte[] Named(string client = Client, uint isn = 0) => Named(Plain(client).Isn(isn));

    private static byte[] Named(PacketBuilder syn)
    {
        var packet = syn.Build();
        byte[] buffer = [.. packet, .. new byte[AddressedSyn.MaximumGrowth]];
        var length = packet.Length;
        Assert.That(AddressedSyn.TryName(buffer, ref length, new DestinationOption(HostEndpoint.Parse(Server), IsTransparent: true)), Is.True);
        return buffer[..length];
    }

    private static byte[] Answer(string client = Client, uint isn = 0) =>
        PacketBuilder.SynAck(Server, client).Sequence(isn).Acknowledging(1).Mss(1400).Build();

    private static byte[] Join() => PacketBuilder.Syn("198.18.2.2:50000", Proxy).Option([30, 12, 0x10, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0]).Build();

    private byte[] Handle(byte[] packet)
    {
        byte[] buffer = [.. packet, .. new byte[40]];
        return buffer[.._relay.Handle(buffer, packet.Length)];
    }
}
