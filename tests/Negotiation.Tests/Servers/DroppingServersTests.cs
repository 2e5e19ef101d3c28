using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Servers;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class DroppingServersTests
{
    private const string Client = "198.18.1.2:40000";
    private const string Server = "198.18.9.2:80";

    private readonly NegotiatorBench _box = new(Client, Server, new NegotiationOptions { RepeatsWithMpCapable = 1 });
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void ServerAnswersOnlyWithoutMpCapable_Twice_IsRemembered()
    {
        SendUntilStripped();
        Assert.That(_box.Dropping.Count, Is.Zero, "nothing is proven yet");
        Assert.That(_box.Decide(_box.SynAck()), Is.EqualTo(Decision.Forward(Reason.MpCapableDropped)));
        _box.AssertEnded(Reason.MpCapableDropped);
        SendUntilStripped();
        _box.Decide(_box.SynAck());

        Assert.That(
            _box.Decide(_box.MptcpSyn(5)), Is.EqualTo(Decision.Forward(Reason.ServerDropsMptcp, NegotiatorBench.WithoutMpCapable)));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
        Assert.That(_box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.ServerDropsMptcp] = 1 }));
    }

    // That is also what it looks like when two SYNs get lost.
    [Test]
    public void ServerAnswersOnlyWithoutMpCapable_Once_IsOnlySuspected()
    {
        SendUntilStripped();
        _box.Decide(_box.SynAck());
        Assert.That(_box.Decide(_box.MptcpSyn(5)).Reason, Is.EqualTo(Reason.Served));
    }

    [Test]
    public void ServerSuspected_AnswersASynWithMpCapable_SuspicionIsGone([Values] bool isCapable)
    {
        SendUntilStripped();
        _box.Decide(_box.SynAck());
        _box.Decide(_box.MptcpSyn(5));
        _box.Decide(isCapable ? _box.CapableSynAck(5) : _box.SynAck(5));
        Assert.That(_box.Dropping.Count, Is.Zero);
    }

    // A hostile client, or a path that sends every packet more than once: the server had no time to answer the first.
    [Test]
    public void CopiesOfASynInQuickSuccession_ProveNothing()
    {
        for (var i = 0; i < 3; i++)
            _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.SynAck()).Reason, Is.EqualTo(Reason.MpCapableDropped));
        Assert.That(_box.Dropping.Count, Is.Zero);
    }

    [Test]
    public void ServerDropsMpCapable_OnlyThatAddressAndPort()
    {
        Prove();
        foreach (var server in new[] { "198.18.9.2:81", "198.18.9.3:80" })
            Assert.That(_box.Decide(new NegotiatorBench(Client, server).MptcpSyn()).Verdict, Is.EqualTo(Verdict.Forward));
        var otherClient = new NegotiatorBench("198.18.1.3:40000", Server);
        Assert.That(_box.Decide(otherClient.MptcpSyn()).Edits, Is.EqualTo(NegotiatorBench.WithoutMpCapable));
    }

    [Test]
    public void ServerDropsMpCapable_ForgottenAfterItsLifetime()
    {
        Prove();
        _box.Time.Advance(_box.Options.DroppingServerLifetime - TimeSpan.FromTicks(1));
        Assert.That(_box.Decide(_box.MptcpSyn(5)).Reason, Is.EqualTo(Reason.ServerDropsMptcp));
        _box.Time.Advance(TimeSpan.FromTicks(1));
        Assert.That(_box.Decide(_box.MptcpSyn(6)).Reason, Is.EqualTo(Reason.Served));
    }

    [Test]
    public void ServerDropsMpCapable_PolicySaysBypass_ForwardedUntouched()
    {
        var box = new NegotiatorBench(Client, Server, policy: new PolicyTable([], PolicyAction.Bypass));
        box.Dropping.ReportDropped(box.Server);
        box.Dropping.ReportDropped(box.Server);
        Assert.That(box.Decide(box.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.PolicyBypass)));
    }

    [Test]
    public void ServerAnswersWithMpCapable_IsNotRemembered()
    {
        SendUntilStripped();
        Assert.That(_box.Decide(_box.CapableSynAck()), Is.EqualTo(Decision.Forward(Reason.ServerCapable)));
        Assert.That(_box.Dropping.Count, Is.Zero);
    }

    [Test]
    public void ServerIsDead_IsNotRemembered()
    {
        SendUntilStripped();
        _box.Time.Advance(_box.Options.ServerTimeout);
        _box.Sweep();
        _box.AssertEnded(Reason.Unanswered);
        Assert.That(_box.Dropping.Count, Is.Zero);
    }

    [Test]
    public void ServerAnswersBeforeMpCapableIsRemoved_IsNotRemembered()
    {
        _box.Decide(_box.MptcpSyn());
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.SynAck()).Verdict, Is.EqualTo(Verdict.Act));
        Assert.That(_box.Dropping.Count, Is.Zero);
    }

    [Test]
    public void Entry_LivesForItsLifetime()
    {
        var servers = new DroppingServers(2, TimeSpan.FromHours(1), _time);
        Report(servers, 1);
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.That(servers.Contains(Endpoint(1)), Is.True);
        Assert.That(servers.Contains(Endpoint(2)), Is.False);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(servers.Contains(Endpoint(1)), Is.False);
        Assert.That(servers.Count, Is.Zero);
    }

    [Test]
    public void Entry_SeenAgain_LivesAnew()
    {
        var servers = new DroppingServers(2, TimeSpan.FromHours(1), _time);
        Report(servers, 1);
        _time.Advance(TimeSpan.FromMinutes(59));
        Report(servers, 1);
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.That(servers.Contains(Endpoint(1)), Is.True);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(10)]
    public void Cache_NeverHoldsMoreThanItsCapacity(int capacity)
    {
        var servers = new DroppingServers(capacity, TimeSpan.FromHours(1), _time);
        for (ushort port = 1; port <= 20; port++)
            Report(servers, port);
        Assert.That(servers.Count, Is.EqualTo(capacity));
    }

    [Test]
    public void Cache_Full_ForgetsWhatHasExpiredFirst()
    {
        var servers = new DroppingServers(2, TimeSpan.FromHours(1), _time);
        Report(servers, 1);
        _time.Advance(TimeSpan.FromMinutes(30));
        Report(servers, 2);
        _time.Advance(TimeSpan.FromMinutes(30));
        Report(servers, 3);
        Assert.That(
            new[] { servers.Contains(Endpoint(1)), servers.Contains(Endpoint(2)), servers.Contains(Endpoint(3)) },
            Is.EqualTo(new[] { false, true, true }));
    }

    private static HostEndpoint Endpoint(ushort port) => HostEndpoint.Parse($"198.18.9.2:{port}");

    private void SendUntilStripped()
    {
        for (var i = 0; i < 2; i++)
        {
            _box.Decide(_box.MptcpSyn());
            _box.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_box.Decide(_box.MptcpSyn()).Edits, Is.EqualTo(NegotiatorBench.WithoutMpCapable));
    }

    private void Prove()
    {
        for (var i = 0; i < DroppingServers.RequiredSightings; i++)
        {
            SendUntilStripped();
            _box.Decide(_box.SynAck());
        }
    }

    private static void Report(DroppingServers servers, ushort port)
    {
        for (var i = 0; i < DroppingServers.RequiredSightings; i++)
            servers.ReportDropped(Endpoint(port));
    }
}
