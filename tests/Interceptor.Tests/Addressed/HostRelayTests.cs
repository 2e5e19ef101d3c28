using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Addressed;

[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HostRelayTests
{
    private const string Local = "198.18.1.2:40000";
    private const string Joining = "198.18.2.2:50000";
    private const string Proxy = "198.18.3.2:5125";
    private const string Server = "198.18.11.2:80";

    private static readonly PacketMarks Marks = PacketMarks.Parse("0x0f000000");
    private static readonly FlowKey Flow = new(HostEndpoint.Parse(Local), HostEndpoint.Parse(Server));

    private static readonly SharedKeys Keys = new(new Dictionary<byte, byte[]> { [1] = new byte[16] }, signingKeyId: 1, []);

    private readonly RecordingTracking _tracking = new();
    private readonly RecordingSink _network = new();
    private readonly HostProxyCounters _counters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ServerCapabilities _servers;
    private readonly DecisionHistory _history;

    public HostRelayTests()
    {
        _servers = new ServerCapabilities(new NegotiationOptions(), _time);
        _history = new DecisionHistory(64, _time);
    }

    [Test]
    public void Syn_NamesTheServerAndGoesToTheProxy()
    {
        var relay = Relay();
        TcpPacket.Read(Handle(relay, Syn()), out var segment);
        Assert.That(AddressedSyn.TryRead(segment.Options, out var destination, out _), Is.True);
        Assert.That(destination, Is.EqualTo(new DestinationOption(Flow.Server, IsTransparent: true)));
        Assert.That(_tracking.Entries[Flow], Is.EqualTo(((HostAddress?)null, (HostEndpoint?)HostEndpoint.Parse(Proxy), Marks.Observed)));
    }

    [Test]
    public void Syn_OfAHostWithKeys_HasATagThatTheProxyTakes_AndSoHasTheRepeatedOne()
    {
        var relay = Relay();
        relay.Adopt(Keys);
        for (var i = 0; i < 2; i++)
        {
            TcpPacket.Read(Handle(relay, Syn()), out var segment);
            Assert.That(AddressedSyn.TryRead(segment.Options, out var destination, out _), Is.True);
            var toProxy = new FlowKey(Flow.Client, HostEndpoint.Parse(Proxy));
            Assert.That(new TagPolicy(Keys, AreRequired: true).Assess(in destination, in toProxy, segment.Sequence), Is.EqualTo(Reason.None));
        }
    }

    [Test]
    public void UnansweredSyns_ThenDirectly_AndSoAreOthersForAWhile()
    {
        var relay = Relay();
        for (var i = 0; i < 2; i++)
            Assert.That(Handle(relay, Syn()), Is.Not.EqualTo(Syn()));
        Assert.That(Handle(relay, Syn()), Is.EqualTo(Syn()), "the third of this connection");
        Assert.That(Handle(relay, Syn()), Is.EqualTo(Syn()), "and the fourth");
        Assert.That(Handle(relay, Syn(port: 40001)), Is.EqualTo(Syn(port: 40001)), "another connection");
        Assert.That(_tracking.Entries, Is.Empty);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(Handle(relay, Syn(port: 40002)), Is.Not.EqualTo(Syn(port: 40002)));
        Assert.That((_counters.Sent.Count, _counters.Unanswered.Count, _counters.Direct.Count), Is.EqualTo((2, 1, 2)));
    }

    [Test]
    public void UnansweredSyns_Refuse_TheConnectionIsMarked()
    {
        var relay = Relay(UnreachableProxy.Refuse);
        for (var i = 0; i < 3; i++)
            Handle(relay, Syn());
        Assert.That(_tracking.Entries[Flow], Is.EqualTo(((HostAddress?)null, (HostEndpoint?)null, Marks.Refused)));
    }

    [Test]
    public void ResetOfTheProxy_IsDropped_AndTheServerAskedItself()
    {
        var relay = Relay();
        Handle(relay, Syn());
        Assert.That(Handle(relay, Reset(acknowledged: 1)), Is.Empty);
        Assert.That(_network.Packets, Is.EqualTo(new[] { Syn() }));
        Assert.That(_tracking.Entries, Is.Empty);
        Assert.That(Handle(relay, _network.Packets[0]), Is.EqualTo(Syn()), "what was sent is queued once more, and passes");
    }

    [Test]
    public void Reset_ThatAcknowledgesSomethingElse_IsNoAnswer()
    {
        var relay = Relay();
        Handle(relay, Syn());
        Assert.That(Handle(relay, Reset(acknowledged: 99)), Is.EqualTo(Reset(acknowledged: 99)));
        Assert.That(_network.Packets, Is.Empty);
    }

    [Test]
    public void Reset_Refuse_IsTheProgramsToSee()
    {
        var relay = Relay(UnreachableProxy.Refuse);
        Handle(relay, Syn());
        Assert.That(Handle(relay, Reset(acknowledged: 1)), Is.EqualTo(Reset(acknowledged: 1)));
    }

    [TestCase(true, ServerCapability.Capable)]
    [TestCase(false, ServerCapability.Legacy)]
    public void SynAck_TellsWhetherTheServerSpeaksMptcp(bool capable, ServerCapability expected)
    {
        var relay = Relay();
        Handle(relay, Syn());
        Handle(relay, Answer(capable ? 7UL : null));
        Assert.That(_servers.Find(Flow.Server), Is.EqualTo(expected));
        Assert.That(_tracking.Entries[Flow].Mark, Is.EqualTo(Marks.Relayed));
        Assert.That(_counters.Answered.Count, Is.EqualTo(1));
    }

    [Test]
    public void SubflowToTheAnnouncedPort_GoesToTheServers()
    {
        var relay = Relay();
        Handle(relay, Syn());
        Handle(relay, Answer(key: 7));
        var join = Join("198.18.11.2:5125", key: 7);
        Assert.That(Handle(relay, join), Is.EqualTo(join));
        var flow = new FlowKey(HostEndpoint.Parse(Local), HostEndpoint.Parse("198.18.11.2:5125"));
        Assert.That(_tracking.Entries[flow].Destination, Is.EqualTo(Flow.Server));
        Assert.That(_counters.Joined.Count, Is.EqualTo(1));
    }

    [TestCase(Server, Description = "to the server's own port")]
    [TestCase("198.18.11.2:5125", Description = "to the proxy's port at the server's address")]
    public void SubflowToAServerForWhichTheProxyActs_GoesToTheProxy(string to)
    {
        var relay = Relay();
        Handle(relay, Syn());
        Handle(relay, Answer(key: 7, isActing: true));
        Handle(relay, Join(to, key: 7, from: Joining));
        Assert.That(_tracking.Entries[new FlowKey(HostEndpoint.Parse(Joining), HostEndpoint.Parse(to))].Destination, Is.EqualTo(HostEndpoint.Parse(Proxy)));
        Assert.That(_servers.Find(Flow.Server), Is.EqualTo(ServerCapability.Legacy), "the key is the proxy's");
    }

    [TestCase("198.18.11.2:80", 7UL, Description = "to the server's own port")]
    [TestCase("198.18.11.3:5125", 7UL, Description = "to another address")]
    [TestCase("198.18.11.2:5125", 8UL, Description = "of another connection")]
    public void OtherSubflow_IsLeftAlone(string to, ulong key)
    {
        var relay = Relay();
        Handle(relay, Syn());
        Handle(relay, Answer(key: 7));
        Handle(relay, Join(to, key));
        Assert.That(_tracking.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public void ServerOfAnotherFamily_AndTheProxyItself_GoDirectly()
    {
        var relay = Relay();
        foreach (var (from, to) in new[] { ("[2001:db8::1]:40000", "[2001:db8::2]:80"), (Local, "198.18.3.2:80") })
        {
            var syn = PacketBuilder.LinuxMptcpSyn(from, to).Build();
            Assert.That(Handle(relay, syn), Is.EqualTo(syn));
        }

        Assert.That(_tracking.Entries, Is.Empty);
    }

    [Test]
    public void Decisions_AreRemembered_WithTheProxy()
    {
        var relay = Relay();
        Handle(relay, Syn());
        Handle(relay, Answer(key: 7));
        Handle(relay, Join("198.18.11.2:5125", key: 7));
        Handle(relay, Syn(port: 40001));
        Handle(relay, PacketBuilder.Segment(Proxy, "198.18.1.2:40001", TcpFlags.Rst | TcpFlags.Ack).Acknowledging(1).Build());
        for (var i = 0; i < 3; i++)
            Handle(relay, Syn(port: 40002));
        Handle(relay, Syn(port: 40003));
        Handle(relay, PacketBuilder.LinuxMptcpSyn(Local, "198.18.3.2:80").Build());
        var proxy = HostEndpoint.Parse(Proxy);
        Assert.That(
            _history.Find(_ => true).Select(decision => (decision.Reason, decision.Proxy, Verdict: decision.HasSegment ? decision.Verdict : (Verdict?)null)),
            Is.EqualTo(new (Reason, HostEndpoint, Verdict?)[]
            {
                (Reason.HostProxied, proxy, Verdict.Forward), (Reason.ProxyAnswered, proxy, Verdict.Forward), (Reason.ServerAnnounced, default, Verdict.Forward),
                (Reason.HostProxied, proxy, Verdict.Forward), (Reason.ProxyRefused, proxy, null),
                (Reason.HostProxied, proxy, Verdict.Forward), (Reason.RepeatedSyn, proxy, Verdict.Forward), (Reason.ProxyUnanswered, proxy, Verdict.Forward),
                (Reason.ProxySilent, proxy, Verdict.Forward), (Reason.NoProxyForServer, default, Verdict.Forward),
            }));
    }

    private static byte[] Syn(int port = 40000) => PacketBuilder.LinuxMptcpSyn($"198.18.1.2:{port}", Server).Build();

    private static byte[] Reset(uint acknowledged) => PacketBuilder.Segment(Proxy, Local, TcpFlags.Rst | TcpFlags.Ack).Acknowledging(acknowledged).Build();

    private static byte[] Answer(ulong? key, bool isActing = false)
    {
        var answer = PacketBuilder.SynAck(Proxy, Local).Acknowledging(1);
        if (key is { } known)
        {
            var capable = new byte[12];
            MpCapable.SynAck(MpCapableFlags.HmacSha256, known).Write(capable);
            answer.Option(capable);
        }

        if (isActing)
        {
            var acting = new byte[4];
            default(ActingOption).Write(acting);
            answer.Option(acting);
        }

        return answer.Build();
    }

    private static byte[] Join(string to, ulong key, string from = Local)
    {
        var bytes = BitConverter.GetBytes(key);
        Array.Reverse(bytes);
        var hash = System.Security.Cryptography.SHA256.HashData(bytes);
        return PacketBuilder.Syn(from, to).Option([30, 12, 0x10, 0, .. hash[..4], 0, 0, 0, 0]).Build();
    }

    private static byte[] Handle(HostRelay relay, byte[] packet) => FilterRun.Of(relay.Handle, packet);

    private HostRelay Relay(UnreachableProxy whenUnreachable = UnreachableProxy.Direct) => new(
        new HostProxyOptions { Proxies = [Proxy], WhenUnreachable = whenUnreachable }, _servers, _tracking, _network, Marks, _counters, _history, _time);
}
