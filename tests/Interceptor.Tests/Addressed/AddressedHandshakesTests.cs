using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>What the proxy does when the server that a host has named does not speak MPTCP.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AddressedHandshakesTests
{
    private const string Client = AddressedBench.Client;
    private const string Other = "198.18.1.2:40001";
    private const string Proxy = AddressedBench.Proxy;
    private const string Server = "198.18.10.2:80";
    private const uint Token = 0xdead_beef;

    private static readonly PacketMarks Marks = AddressedBench.Marks;
    private static readonly NegotiationOptions Options = new() { MaxHalfOpen = 1 };
    private static readonly FlowKey Addressed = AddressedBench.Addressed;
    private static readonly FlowKey AtServer = new(HostEndpoint.Parse("198.18.3.2:40000"), HostEndpoint.Parse(Server));

    private readonly AddressedBench _bench = new(maxPromotions: 4, Options);

    [Test]
    public void SynAck_WithoutMpCapable_Acts()
    {
        Handle(Named());
        Assert.That(Handle(Answer()), Is.Empty, "it is held back");

        var handshake = _bench.Taker.Taken.Single();
        Assert.That((handshake.Flow, handshake.ServerFlow, handshake.IsAddressed), Is.EqualTo((Addressed, AtServer, true)));
        Assert.That(_bench.Kernel.Packets, Is.EqualTo(new[] { AddressedBench.Plain().Build() }), "the own kernel gets the SYN as the host has made it");
        Assert.That(_bench.Tracking.Entries.Keys, Is.EqualTo(new[] { AtServer }), "nothing is translated any more, and the port is taken");
        Assert.That((_bench.Counters.Handshakes, _bench.Counters.Pending), Is.EqualTo((1, 0)));
        Assert.That(_bench.Counters.Ended.Occurred(), Is.EqualTo(new Dictionary<PromotionState, long> { [PromotionState.Acted] = 1 }));
    }

    [Test]
    public void ServersIsn_AndOptions_AreInTheHandshake()
    {
        Handle(Named());
        Handle(Answer(isn: 4711));
        Assert.That((_bench.Taker.Taken[0].ClientIsn, _bench.Taker.Taken[0].ServerIsn, _bench.Taker.Taken[0].ServerOptions.Mss), Is.EqualTo((0u, 4711u, (ushort?)1400)));
    }

    [TestCase(Reason.FlowLimit)]
    [TestCase(Reason.PortReserved)]
    [TestCase(Reason.ListenerUnavailable)]
    public void Relay_ThatCannotAct_TheConnectionIsTranslatedAsItWas(Reason refusal)
    {
        _bench.Taker.Refusal = refusal;
        Handle(Named());
        Assert.That(Handle(Answer()), Is.EqualTo(Answer()));
        Assert.That(_bench.Tracking.Entries[Addressed].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_bench.Kernel.Packets, Is.Empty);
        Assert.That(_bench.Counters.HandshakesEnded.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [refusal] = 1 }));
        Assert.That(_bench.Counters.Ended.Occurred().Keys, Is.EqualTo(new[] { PromotionState.Plain }));
    }

    [Test]
    public void NoRoom_TheConnectionIsTranslatedAsItWas_UntilAnotherHasWaitedForAWhile()
    {
        Handle(Named());
        Handle(Answer());
        Handle(Named(Other));
        Assert.That(Handle(Answer(Other)), Is.Not.Empty);
        Assert.That(_bench.Counters.HandshakesEnded.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.HalfOpenLimit] = 1 }));

        _bench.Time.Advance(NegotiationOptions.Grace);
        Handle(Named("198.18.1.2:40002"));
        Assert.That(Handle(Answer("198.18.1.2:40002")), Is.Empty);
        Assert.That(_bench.Taker.GivenUp.Single().Flow, Is.EqualTo(Addressed));
        Assert.That(_bench.Counters.HandshakesEnded.Occurred()[Reason.Displaced], Is.EqualTo(1));
    }

    [Test]
    public void Source_WithAsManyAsItMayHave_IsTranslatedAsItWas_OthersAreNot()
    {
        _bench.Handshakes.Adopt(new NegotiationOptions { MaxContextsPerSource = 1 });
        Handle(Named());
        Handle(Answer());
        Handle(Named(Other));
        Assert.That(Handle(Answer(Other)), Is.Not.Empty);
        Assert.That(_bench.Counters.HandshakesEnded.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.SourceLimit] = 1 }));

        Handle(Named("198.18.2.2:40000"));
        Assert.That(Handle(Answer("198.18.2.2:40000")), Is.Empty, "another source");
        _bench.Taker.Taken[0].TrySettle(Reason.Adopted);
        Handle(Named("198.18.1.2:40002"));
        Assert.That(Handle(Answer("198.18.1.2:40002")), Is.Empty, "one of the first source is complete");
    }

    [Test]
    public void RepeatedSyn_IsDeliveredAgain()
    {
        Handle(Named());
        Handle(Answer());
        Assert.That(Handle(Named()), Is.Empty);
        Assert.That(_bench.Kernel.Packets, Is.EqualTo(new[] { AddressedBench.Plain().Build(), AddressedBench.Plain().Build() }));
        Assert.That(_bench.Taker.Taken, Has.Count.EqualTo(1));
    }

    [Test]
    public void AnotherSyn_EndsTheHandshake_AndIsTranslated()
    {
        Handle(Named());
        Handle(Answer());
        Assert.That(Handle(Named(Client, isn: 77)), Is.EqualTo(AddressedBench.Plain().Isn(77).Build()));
        Assert.That(_bench.Taker.GivenUp, Has.Count.EqualTo(1));
        Assert.That(_bench.Tracking.Entries[Addressed].Destination, Is.EqualTo(HostEndpoint.Parse(Server)));
    }

    [Test]
    public void ClientThatVanishes_ServerAndKernelAreTold()
    {
        Handle(Named());
        Handle(Answer());
        _bench.Time.Advance(Options.ClientTimeout);
        _bench.Relay.Round();
        TcpPacket.Read(_bench.Kernel.Packets[^1], out var toKernel);
        TcpPacket.Read(_bench.Server.Packets.Single(), out var toServer);
        Assert.That((toKernel.Flags, toKernel.FlowFromClient), Is.EqualTo((TcpFlags.Rst, Addressed)));
        Assert.That((toServer.Flags, toServer.FlowFromClient), Is.EqualTo((TcpFlags.Rst, AtServer)));
        Assert.That(_bench.Taker.GivenUp, Has.Count.EqualTo(1));
        Assert.That(_bench.Counters.Handshakes, Is.Zero);
    }

    [Test]
    public void Adopted_IsForgotten_AndNobodyIsTold()
    {
        Handle(Named());
        Handle(Answer());
        _bench.Taker.Taken[0].TrySettle(Reason.Adopted);
        _bench.Time.Advance(Options.ClientTimeout);
        _bench.Relay.Round();
        _bench.Relay.Stop();
        Assert.That(_bench.Taker.GivenUp, Is.Empty);
        Assert.That(_bench.Server.Packets, Is.Empty);
        Assert.That(_bench.Counters.HandshakesEnded.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.Adopted] = 1 }));
    }

    [Test]
    public void TheEnd_GivesUpWhatWaits()
    {
        Handle(Named());
        Handle(Answer());
        _bench.Relay.Stop();
        Assert.That(_bench.Counters.HandshakesEnded.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.Stopped] = 1 }));
    }

    [Test]
    public void BoxThatIsAboutToEnd_TranslatesOnly()
    {
        _bench.Handshakes.Retire();
        Handle(Named());
        Assert.That(Handle(Answer()), Is.EqualTo(Answer()));
        Assert.That(_bench.Counters.HandshakesEnded.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.Stopped] = 1 }));
    }

    [Test]
    public void Kernel_ThatTakesNoPacket_TheServerIsTold_AndTheHostBeginsAnew()
    {
        _bench.Kernel.Refuses = true;
        Handle(Named());
        Assert.That(Handle(Answer()), Is.Empty);
        Assert.That(_bench.Taker.GivenUp, Has.Count.EqualTo(1));
        Assert.That(Handle(Named()), Is.EqualTo(AddressedBench.Plain().Build()), "a repeated SYN goes to the server as the first did");
    }

    [Test]
    public void RequestForEcn_IsWithdrawnFromTheServer_NotFromTheOwnKernel()
    {
        const TcpFlags Request = TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr;
        TcpPacket.Read(Handle(Named(PacketBuilder.LinuxMptcpSyn(Client, Proxy).Flags(Request))), out var forwarded);
        Handle(Answer());
        TcpPacket.Read(_bench.Kernel.Packets.Single(), out var delivered);
        Assert.That((forwarded.Flags, delivered.Flags), Is.EqualTo((TcpFlags.Syn, Request)));
    }

    [Test]
    public void SynWithoutMptcp_IsNotActedOn()
    {
        Handle(Named(PacketBuilder.Syn(Client, Proxy).Mss(1460)));
        Assert.That(Handle(Answer()), Is.EqualTo(Answer()));
        Assert.That(_bench.Taker.Taken, Is.Empty);
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
        _bench.Tokens.Add(Token, HostEndpoint.Parse(Proxy));
        Assert.That(Handle(Join()), Is.Empty);
        Assert.That(_bench.Kernel.Packets, Is.EqualTo(new[] { Join() }));
    }

    [Test]
    public void Join_OfNobody_StaysAsItIs()
    {
        Assert.That(Handle(Join()), Is.EqualTo(Join()));
        Assert.That(_bench.Kernel.Packets, Is.Empty);
    }

    [Test]
    public void Join_ThatOvertakesTheNews_WaitsForIt()
    {
        _bench.Tokens.Expect(HostEndpoint.Parse(Proxy));
        Assert.That(Handle(Join()), Is.Empty);
        _bench.Relay.Round();
        Assert.That(_bench.Kernel.Packets, Is.Empty);
        _bench.Tokens.Add(Token, HostEndpoint.Parse(Proxy));
        _bench.Relay.Round();
        Assert.That(_bench.Kernel.Packets, Is.EqualTo(new[] { Join() }));
    }

    [Test]
    public void Join_OfWhichNothingIsLearnt_IsTheHostsToRepeat()
    {
        _bench.Tokens.Expect(HostEndpoint.Parse(Proxy));
        Handle(Join());
        _bench.Time.Advance(DeferredPackets.Patience);
        _bench.Relay.Round();
        _bench.Tokens.Add(Token, HostEndpoint.Parse(Proxy));
        _bench.Relay.Round();
        Assert.That(_bench.Kernel.Packets, Is.Empty);
    }

    [Test]
    public void Decisions_AreRemembered_UnderTheServerThatIsNamed()
    {
        Handle(Named());
        Handle(Answer());
        Handle(Named());
        _bench.Taker.Taken[0].TrySettle(Reason.Adopted);
        _bench.Relay.Round();
        _bench.Taker.Refusal = Reason.PortReserved;
        Handle(Named(Other));
        Handle(Answer(Other));

        var (route, other) = (Addressed with { Server = HostEndpoint.Parse(Server) }, new FlowKey(HostEndpoint.Parse(Other), HostEndpoint.Parse(Server)));
        var proxy = Addressed.Server;
        Assert.That(
            _bench.Decisions(),
            Is.EqualTo(new (FlowKey, HostEndpoint, Reason, Verdict?)[]
            {
                (route, proxy, Reason.NamedServerRelayed, Verdict.Forward), (route, proxy, Reason.NamedServerLegacy, Verdict.Act),
                (route, proxy, Reason.RepeatedSyn, Verdict.Divert), (route, proxy, Reason.Adopted, null),
                (other, proxy, Reason.NamedServerRelayed, Verdict.Forward), (other, proxy, Reason.PortReserved, Verdict.Forward),
            }));
    }

    [Test]
    public void Joins_AreRemembered_WithTheirTokens()
    {
        Handle(Join());
        _bench.Tokens.Expect(HostEndpoint.Parse(Proxy));
        Handle(Join());
        _bench.Time.Advance(DeferredPackets.Patience);
        _bench.Relay.Round();
        _bench.Tokens.Add(Token, HostEndpoint.Parse(Proxy));
        Handle(Join());
        Assert.That(
            _bench.History.Find(_ => true).Select(decision => (decision.Token, decision.Reason, decision.Verdict)),
            Is.EqualTo(new[]
            {
                (Token, Reason.ForeignJoin, Verdict.Refuse), (Token, Reason.JoinUnresolved, Verdict.Discard), (Token, Reason.OwnJoin, Verdict.Divert),
            }));
    }

    private static byte[] Named(string client = Client, uint isn = 0) => Named(AddressedBench.Plain(client).Isn(isn));

    private static byte[] Named(PacketBuilder syn) => AddressedBench.Named(syn, new DestinationOption(HostEndpoint.Parse(Server), IsTransparent: true));

    private static byte[] Answer(string client = Client, uint isn = 0) =>
        PacketBuilder.SynAck(Server, client).Sequence(isn).Acknowledging(1).Mss(1400).Build();

    private static byte[] Join() => PacketBuilder.Syn("198.18.2.2:50000", Proxy).Option([30, 12, 0x10, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0]).Build();

    private byte[] Handle(byte[] packet) => _bench.Handle(packet);
}
