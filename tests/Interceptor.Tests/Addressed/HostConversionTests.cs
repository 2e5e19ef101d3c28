using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.HostRole;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Addressed;

[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HostConversionTests
{
    private const string Local = "198.18.1.2:40000";
    private const string Converter = "198.18.3.2:5124";
    private const string Server = "198.18.10.2:80";

    private static readonly PacketMarks Marks = PacketMarks.Parse("0x0f000000");
    private static readonly FlowKey Flow = new(HostEndpoint.Parse(Local), HostEndpoint.Parse(Server));

    private readonly RecordingTracking _tracking = new();
    private readonly RecordingSink _network = new();
    private readonly RecordingDialler _dialler = new();
    private readonly HostProxyCounters _counters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly DecisionHistory _history;
    private int _wakes;

    public HostConversionTests() => _history = new DecisionHistory(64, _time);

    [Test]
    public void Syn_IsHeldBack_UntilTheServerHasAnswered()
    {
        var conversion = Conversion();
        Assert.That(Handle(conversion, Syn()), Is.Empty);
        Assert.That(Handle(conversion, Syn()), Is.Empty, "a repetition");
        Assert.That(_dialler.Connections, Is.EqualTo(new[] { new ConvertedConnection(Flow, Flow.Client, HostEndpoint.Parse(Converter)) }));
        Assert.That(_tracking.Entries[Flow], Is.EqualTo(((HostAddress?)null, (HostEndpoint?)_dialler.Listener, Marks.Relayed)));
        Assert.That(_network.Packets, Is.Empty);

        Tell(conversion, ConvertedOutcome.Connected);
        Assert.That(_network.Packets, Is.EqualTo(new[] { Syn() }));
        Assert.That(Handle(conversion, _network.Packets[0]), Is.EqualTo(Syn()), "what was sent is queued once more, and passes");
        Assert.That((_counters.Sent.Count, _counters.Answered.Count, _wakes), Is.EqualTo((1, 1, 1)));
    }

    [Test]
    public void ServerRefused_IsRefused_WhateverIsToBecomeOfOthers([Values] UnreachableProxy whenUnreachable)
    {
        var conversion = Conversion(whenUnreachable);
        Handle(conversion, Syn());
        Tell(conversion, ConvertedOutcome.ServerRefused);
        Assert.That(_tracking.Entries[Flow], Is.EqualTo(((HostAddress?)null, (HostEndpoint?)null, Marks.Refused)));
        Assert.That(_network.Packets, Is.EqualTo(new[] { Syn() }));
        Assert.That(_counters.ServerRefused.Count, Is.EqualTo(1));
    }

    [TestCase(ConvertedOutcome.Declined)]
    [TestCase(ConvertedOutcome.Unreachable)]
    public void NotConnected_GoesDirectly(ConvertedOutcome outcome)
    {
        var conversion = Conversion();
        Handle(conversion, Syn());
        Tell(conversion, outcome);
        Assert.That(_tracking.Entries, Is.Empty);
        Assert.That(_network.Packets, Is.EqualTo(new[] { Syn() }));
    }

    [TestCase(ConvertedOutcome.Declined)]
    [TestCase(ConvertedOutcome.Unreachable)]
    public void NotConnected_Refuse_IsRefused(ConvertedOutcome outcome)
    {
        var conversion = Conversion(UnreachableProxy.Refuse);
        Handle(conversion, Syn());
        Tell(conversion, outcome);
        Assert.That(_tracking.Entries[Flow].Mark, Is.EqualTo(Marks.Refused));
    }

    [Test]
    public void UnreachableConverter_IsLeftAloneForAWhile_OneThatDeclinesIsNot()
    {
        var conversion = Conversion();
        Handle(conversion, Syn());
        Tell(conversion, ConvertedOutcome.Declined);
        Assert.That(Handle(conversion, Syn(port: 40001)), Is.Empty);
        Tell(conversion, ConvertedOutcome.Unreachable);
        Assert.That(Handle(conversion, Syn(port: 40002)), Is.EqualTo(Syn(port: 40002)));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(Handle(conversion, Syn(port: 40003)), Is.Empty);
        Assert.That((_counters.Sent.Count, _counters.RefusedByProxy.Count, _counters.Unanswered.Count, _counters.Direct.Count), Is.EqualTo((3, 1, 1, 1)));
    }

    [Test]
    public void AnotherSyn_WithTheSamePorts_IsAnotherConnection()
    {
        var conversion = Conversion();
        Handle(conversion, Syn());
        Handle(conversion, Syn(isn: 99));
        Assert.That(_dialler.Connections, Has.Count.EqualTo(2));
        Tell(conversion, ConvertedOutcome.Connected, index: 0);
        Assert.That(_network.Packets, Is.Empty, "of the first, which nobody waits for");
        Tell(conversion, ConvertedOutcome.Connected, index: 1);
        Assert.That(_network.Packets, Is.EqualTo(new[] { Syn(isn: 99) }));
    }

    [Test]
    public void NoRoom_GoesDirectly([Values] bool atTheDialler)
    {
        var conversion = Conversion();
        _dialler.HasRoom = !atTheDialler;
        if (!atTheDialler)
        {
            Handle(conversion, Syn(port: 40001));
            Handle(conversion, Syn(port: 40002));
        }

        Assert.That(Handle(conversion, Syn()), Is.EqualTo(Syn()));
        Assert.That(_tracking.Entries.ContainsKey(Flow), Is.False);
        Assert.That(_counters.Direct.Count, Is.EqualTo(1));
    }

    [Test]
    public void LivingConnection_WithTheSamePorts_IsNotTranslatedAnew()
    {
        const byte Established = 3;
        _tracking.State = Established;
        var conversion = Conversion();
        _tracking.Create(Flow, source: null, HostEndpoint.Parse("192.0.2.1:1"), mark: 0);
        Assert.That(Handle(conversion, Syn()), Is.EqualTo(Syn()));
        Assert.That(_tracking.Entries[Flow].Destination, Is.EqualTo(HostEndpoint.Parse("192.0.2.1:1")));
    }

    [Test]
    public void SubflowAndTheConverterItself_PassUntouched()
    {
        var conversion = Conversion();
        byte[][] packets =
        [
            PacketBuilder.Syn(Local, Server).Option([30, 12, 0x10, 0, 1, 2, 3, 4, 0, 0, 0, 0]).Build(),
            PacketBuilder.Syn(Local, "198.18.3.2:80").Build(),
        ];
        foreach (var packet in packets)
            Assert.That(Handle(conversion, packet), Is.EqualTo(packet));
        Assert.That(_dialler.Connections, Is.Empty);
        Assert.That(_counters.Direct.Count, Is.Zero);
    }

    [Test]
    public void ServerOfAnotherFamily_GoesOverTheConverterThatThereIs()
    {
        var conversion = Conversion();
        Assert.That(Handle(conversion, PacketBuilder.Syn("[2001:db8:1::2]:40000", "[2001:db8:10::2]:80").Build()), Is.Empty);
        Assert.That(_dialler.Connections[0].Converter, Is.EqualTo(HostEndpoint.Parse(Converter)));
    }

    [TestCase(ConvertedOutcome.Connected, Reason.ProxyAnswered)]
    [TestCase(ConvertedOutcome.ServerRefused, Reason.ServerRefused)]
    [TestCase(ConvertedOutcome.Declined, Reason.ProxyRefused)]
    [TestCase(ConvertedOutcome.Unreachable, Reason.ProxyUnanswered)]
    public void Decisions_AreRemembered_WithTheConverter(ConvertedOutcome outcome, Reason expected)
    {
        var conversion = Conversion();
        Handle(conversion, Syn());
        Tell(conversion, outcome);
        var decisions = _history.Find(_ => true).ToList();
        Assert.That(decisions.Select(decision => (decision.Flow, decision.Reason)), Is.EqualTo(new[] { (Flow, Reason.HostProxied), (Flow, expected) }));
        Assert.That(decisions.Select(decision => decision.Proxy), Is.All.EqualTo(HostEndpoint.Parse(Converter)));
    }

    [Test]
    public void DirectConnections_AreRemembered_WithTheReason()
    {
        var conversion = Conversion();
        Handle(conversion, PacketBuilder.Syn(Local, "198.18.3.2:80").Build());
        Handle(conversion, Syn(port: 40001));
        Handle(conversion, Syn(port: 40002));
        Handle(conversion, Syn(port: 40003));
        Tell(conversion, ConvertedOutcome.Unreachable);
        Handle(conversion, Syn(port: 40004));
        Assert.That(
            _history.Find(decision => decision.Verdict == Verdict.Forward && decision.HasSegment).Select(decision => decision.Reason),
            Is.EqualTo(new[] { Reason.NoProxyForServer, Reason.TableFull, Reason.ProxySilent }));
    }

    private static byte[] Syn(int port = 40000, uint isn = 0) => PacketBuilder.Syn($"198.18.1.2:{port}", Server).Sequence(isn).Build();

    private static byte[] Handle(HostConversion conversion, byte[] packet) => FilterRun.Of(conversion.Handle, packet);

    private void Tell(HostConversion conversion, ConvertedOutcome outcome, Index? index = null)
    {
        _dialler.Tell(index ?? ^1, outcome);
        conversion.Round();
    }

    private HostConversion Conversion(UnreachableProxy whenUnreachable = UnreachableProxy.Direct) => new(
        new HostProxyOptions { Protocol = HostProxyProtocol.Converter, Proxies = [Converter], WhenUnreachable = whenUnreachable, MaxPending = 2 },
        _dialler, _tracking, _network, Marks, _counters, _history, () => _wakes++, _time);
}
