using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>What the proxy does with the packets of a host that names its server; promotion itself is tested beside <see cref="Promotion"/>.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AddressedRelayTests
{
    private const string Client = AddressedBench.Client;
    private const string Proxy = AddressedBench.Proxy;
    private const string Server = "198.18.11.2:80";

    // States of the kernel's connection tracking.
    private const byte Established = 3;
    private const byte Closing = 7;

    private static readonly PacketMarks Marks = AddressedBench.Marks;
    private static readonly FlowKey Addressed = AddressedBench.Addressed;
    private static readonly SharedKeys Keys = new(new Dictionary<byte, byte[]> { [1] = new byte[16] }, signingKeyId: 1, []);

    private readonly AddressedBench _bench = new(maxPromotions: 1, new NegotiationOptions()) { Taker = { Refusal = Reason.FlowLimit } };

    [Test]
    public void Syn_IsTranslatedAndGoesOnWithoutTheOption()
    {
        var plain = AddressedBench.Plain().Build();
        Assert.That(Handle(Named(Server)), Is.EqualTo(plain));
        Assert.That(_bench.Tracking.Entries[Addressed], Is.EqualTo(((HostAddress?)Addressed.Server.Address, (HostEndpoint?)HostEndpoint.Parse(Server), Marks.Observed)));
        Assert.That((_bench.Counters.Relayed.Count, _bench.Counters.Pending), Is.EqualTo((1, 1)));
    }

    [Test]
    public void RepeatedSyn_IsTranslatedOnce()
    {
        Handle(Named(Server));
        Assert.That(Handle(Named(Server)), Is.EqualTo(AddressedBench.Plain().Build()));
        Assert.That(_bench.Counters.Relayed.Count, Is.EqualTo(1));
    }

    [Test]
    public void NewSyn_ToAnotherServer_TakesThePlaceOfAnEndedConnection()
    {
        Handle(Named(Server));
        Handle(Named("198.18.11.3:80", isn: 77));
        Assert.That(_bench.Tracking.Entries[Addressed].Destination, Is.EqualTo(HostEndpoint.Parse("198.18.11.3:80")));
    }

    // Anybody can send a SYN with somebody's address.
    [Test]
    public void NewSyn_OfALivingConnection_DoesNotEndIt()
    {
        Handle(Named(Server));
        _bench.Tracking.State = Established;
        var forged = Named("198.18.11.3:80", isn: 77);
        Assert.That(Handle(forged), Is.EqualTo(forged));
        Assert.That(_bench.Tracking.Entries[Addressed].Destination, Is.EqualTo(HostEndpoint.Parse(Server)));
        Assert.That(_bench.Counters.Refused.Occurred()[Reason.NotTranslated], Is.EqualTo(1));
        Assert.That((_bench.Counters.Pending, _bench.Counters.Ended.Occurred().Count), Is.EqualTo((1, 0)), "the host is still to be told of its server");
    }

    // Recorded with its tag, and sent again by somebody in between: docs/addressed.md says what that is good for.
    [Test]
    public void RecordedSyn_IsGoodForOneConnectionAtATime_AndHarmsNoOther()
    {
        _bench.Policy.Tags = new TagPolicy(Keys, AreRequired: true);
        var recorded = Signed(isn: 5);
        Handle(recorded);
        Assert.That(Handle(recorded), Is.EqualTo(AddressedBench.Plain().Isn(5).Build()), "a repeated SYN");
        Assert.That((_bench.Counters.Relayed.Count, _bench.Counters.Pending, _bench.Tracking.Entries.Count), Is.EqualTo((1, 1, 1)));

        _bench.Tracking.State = Closing;
        Handle(Signed(isn: 6));
        _bench.Tracking.State = Established;
        Assert.That(Handle(recorded), Is.EqualTo(recorded), "a later connection of the host's, from the same port, lives");
        Assert.That(_bench.Counters.Refused.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.NotTranslated] = 1 }));
        Assert.That(_bench.Counters.Pending, Is.EqualTo(1), "and its host is still to be told of its server");

        _bench.Tracking.State = Closing;
        Assert.That(Handle(recorded), Is.Not.EqualTo(recorded), "and has ended");
        Assert.That((_bench.Counters.Relayed.Count, _bench.Counters.Pending, _bench.Tracking.Entries.Count), Is.EqualTo((3, 1, 1)));
    }

    [TestCase("127.0.0.1:80", Reason.InvalidDestination)]
    [TestCase("0.0.0.0:80", Reason.InvalidDestination)]
    [TestCase("224.0.0.1:80", Reason.InvalidDestination)]
    [TestCase("198.18.11.2:0", Reason.InvalidDestination)]
    [TestCase("169.254.0.1:80", Reason.ServerNotAllowed)]
    [TestCase("198.18.3.2:80", Reason.OwnAddress)]
    [TestCase("[2001:db8::1]:80", Reason.OtherFamily)]
    public void Server_ThatIsNotAllowed_TheSynStaysAsItIs(string server, Reason refusal)
    {
        var syn = Named(server, PacketBuilder.Syn(Client, Proxy).MpCapable());
        Assert.That(Handle(syn), Is.EqualTo(syn));
        Assert.That(_bench.Counters.Refused.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [refusal] = 1 }));
        Assert.That(_bench.Tracking.Entries, Is.Empty);
    }

    [Test]
    public void Client_ThatIsNotAllowed_TheSynStaysAsItIs()
    {
        var syn = Named(Server, PacketBuilder.LinuxMptcpSyn("192.0.2.1:40000", Proxy));
        Assert.That(Handle(syn), Is.EqualTo(syn));
        Assert.That(_bench.Counters.Refused.Occurred().Keys, Is.EqualTo(new[] { Reason.ClientNotAllowed }));
    }

    [Test]
    public void Tag_ThatIsRightOrRequiredAndNot()
    {
        _bench.Policy.Tags = new TagPolicy(Keys, AreRequired: true);
        var signed = DestinationTags.Sign(new DestinationOption(HostEndpoint.Parse(Server), IsTransparent: true), in Addressed, isn: 0, Keys);
        Assert.That(Handle(AddressedBench.Named(AddressedBench.Plain(), signed)), Is.EqualTo(AddressedBench.Plain().Build()), "the tag goes with the option");

        foreach (var refused in new[] { Named(Server), AddressedBench.Named(AddressedBench.Plain().Isn(1), signed), AddressedBench.Named(AddressedBench.Plain(), signed with { Tag = new DestinationTag(2, 0) }) })
            Assert.That(Handle(refused), Is.EqualTo(refused));
        Assert.That(
            _bench.Counters.Refused.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.TagMissing] = 1, [Reason.TagWrong] = 1, [Reason.TagKeyUnknown] = 1 }));
        Assert.That(_bench.Tracking.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public void FullTableOfTheKernel_TheSynStaysAsItIs()
    {
        _bench.Tracking.IsFull = true;
        var syn = Named(Server);
        Assert.That(Handle(syn), Is.EqualTo(syn));
        Assert.That(_bench.Counters.Refused.Occurred().Keys, Is.EqualTo(new[] { Reason.NotTranslated }));
    }

    [Test]
    public void NoRoomToLookAtIt_IsRelayedAllTheSame()
    {
        Handle(Named(Server));
        var other = PacketBuilder.LinuxMptcpSyn("198.18.1.2:40001", Proxy);
        Handle(Named(Server, other));
        Assert.That(_bench.Tracking.Entries[Addressed with { Client = HostEndpoint.Parse("198.18.1.2:40001") }].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_bench.Counters.Unobserved.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.PromotionLimit] = 1 }));
        Assert.That(_bench.Decisions().Last().Reason, Is.EqualTo(Reason.PromotionLimit));
    }

    [Test]
    public void Source_WithAsManyAsItMayHave_IsRelayedAllTheSame_OthersAreLookedAt()
    {
        var bench = new AddressedBench(maxPromotions: 10, new NegotiationOptions(), maxPromotionsPerSource: 2);
        uint Mark(string client)
        {
            bench.Handle(Named(Server, AddressedBench.Plain(client)));
            return bench.Tracking.Entries[Addressed with { Client = HostEndpoint.Parse(client) }].Mark;
        }

        Assert.That(Mark("198.18.1.2:40000"), Is.EqualTo(Marks.Observed));
        Assert.That(Mark("198.18.1.2:40001"), Is.EqualTo(Marks.Observed));
        Assert.That(Mark("198.18.1.2:40002"), Is.EqualTo(Marks.Relayed));
        Assert.That(bench.Counters.Unobserved.Occurred(), Is.EqualTo(new Dictionary<Reason, long> { [Reason.PromotionSourceLimit] = 1 }));
        Assert.That(Mark("198.18.1.3:40000"), Is.EqualTo(Marks.Observed), "another source");

        bench.Handle(PacketBuilder.Segment(Server, "198.18.1.2:40001", TcpFlags.Rst | TcpFlags.Ack).Acknowledging(1).Build());
        Assert.That(Mark("198.18.1.2:40003"), Is.EqualTo(Marks.Observed), "one of the first source is over");
    }

    // To the server both are the same, so only one can be looked at.
    [Test]
    public void SecondConnection_FromThePortOfAnother_ToTheSameServer_IsRelayedAllTheSame()
    {
        var table = new PromotionTable(10, 10, TimeSpan.FromMinutes(1), _bench.Time);
        var first = new Promotion(in Addressed, new DestinationOption(HostEndpoint.Parse(Server), IsTransparent: true), isn: 0);
        table.Add(first);
        Assert.That(table.FindLimit(first.Route), Is.EqualTo(Reason.RouteInUse));
        table.Remove(first);
        Assert.That(table.FindLimit(first.Route), Is.EqualTo(Reason.None));
    }

    [Test]
    public void LegacyServer_ForWhichTheBoxDoesNotAct_IsNotLookedAtAnyMore()
    {
        Handle(Named(Server));
        Handle(Answer(capable: false));
        Assert.That(_bench.Tracking.Entries[Addressed].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_bench.Counters.Ended.Occurred(), Is.EqualTo(new Dictionary<PromotionState, long> { [PromotionState.Plain] = 1 }));
        Assert.That(_bench.Network.Packets, Is.Empty);
    }

    // Only a host that has connected to the proxy itself must not join there.
    [TestCase(false, MpCapableFlags.HmacSha256 | MpCapableFlags.DenyJoinInitialAddress)]
    [TestCase(true, MpCapableFlags.HmacSha256)]
    public void SynAck_TellsWhereNotToJoin(bool isTransparent, MpCapableFlags expected)
    {
        Handle(Named(Server, AddressedBench.Plain(), isTransparent));
        var answer = Handle(Answer(capable: true));
        TcpPacket.Read(answer, out var segment);
        Assert.That(HandshakeOptions.Read(segment.Options).MpCapableFlags, Is.EqualTo(expected));
        Assert.That(InternetChecksum.TcpChecksumIsValid(answer, segment.TcpOffset), Is.True);
    }

    [Test]
    public void TooLong_IsNotLookedAtAnyMore()
    {
        Handle(Named(Server));
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        _bench.Relay.Round();
        Assert.That(_bench.Tracking.Entries[Addressed].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_bench.Counters.Ended.Occurred().Keys, Is.EqualTo(new[] { PromotionState.Ended }));
    }

    [Test]
    public void Decisions_AreRemembered_UnderTheServerThatIsNamed()
    {
        Handle(Named(Server));
        Handle(Named(Server));
        Handle(Answer(capable: true));
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        _bench.Relay.Round();
        Handle(Named("198.18.11.2:0"));
        Handle(AddressedBench.Plain().Build());
        Handle(Named(Server, isn: 7));
        Handle(PacketBuilder.Segment(Server, Client, TcpFlags.Rst | TcpFlags.Ack).Acknowledging(8).Build());

        var (client, proxy) = (HostEndpoint.Parse(Client), HostEndpoint.Parse(Proxy));
        var route = new FlowKey(client, HostEndpoint.Parse(Server));
        Assert.That(
            _bench.Decisions(),
            Is.EqualTo(new (FlowKey, HostEndpoint, Reason, Verdict?)[]
            {
                (route, proxy, Reason.NamedServerRelayed, Verdict.Forward), (route, proxy, Reason.RepeatedSyn, Verdict.Forward),
                (route, proxy, Reason.ServerCapable, Verdict.Forward), (route, proxy, Reason.NotPromoted, null),
                (new FlowKey(client, HostEndpoint.Parse("198.18.11.2:0")), proxy, Reason.InvalidDestination, Verdict.Refuse),
                (Addressed, default, Reason.NoServerNamed, Verdict.Refuse),
                (route, proxy, Reason.NamedServerRelayed, Verdict.Forward), (route, proxy, Reason.ServerRefused, Verdict.Forward),
            }));
    }

    [Test]
    public void OtherPackets_PassAsTheyAre([Values(0, 1, 20, 60)] int length)
    {
        var packet = PacketBuilder.LinuxMptcpSyn(Client, Server).Build()[..length];
        Assert.That(Handle(packet), Is.EqualTo(packet));
    }

    private static byte[] Answer(bool capable)
    {
        var option = new byte[12];
        MpCapable.SynAck(MpCapableFlags.HmacSha256, 7).Write(option);
        var answer = PacketBuilder.SynAck(Server, Client).Acknowledging(1);
        return (capable ? answer.Option(option) : answer).Build();
    }

    private static byte[] Signed(uint isn)
    {
        var destination = new DestinationOption(HostEndpoint.Parse(Server), IsTransparent: true);
        return AddressedBench.Named(AddressedBench.Plain().Isn(isn), DestinationTags.Sign(in destination, in Addressed, isn, Keys));
    }

    private static byte[] Named(string server, uint isn = 0) => Named(server, AddressedBench.Plain().Isn(isn));

    private static byte[] Named(string server, PacketBuilder syn, bool isTransparent = true) =>
        AddressedBench.Named(syn, new DestinationOption(HostEndpoint.Parse(server), isTransparent));

    private byte[] Handle(byte[] packet) => _bench.Handle(packet);
}
