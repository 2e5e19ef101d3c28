using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests;

[TestFixture("198.18.1.2:40000", "198.18.9.2:80", "198.18.9.3:80", "198.18.9.2:81")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80", "[2001:db8:9::3]:80", "[2001:db8:9::2]:81")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class JoinTests(string client, string server, string otherAddress, string otherPort)
{
    private const uint Token = 0xCAFE0001;

    private readonly NegotiatorBench _box = new(client, server);

    [Test]
    public void Join_TokenOfOurs_Diverted()
    {
        _box.Tokens.Add(Token, _box.Server);
        Assert.That(_box.Decide(Join(server)), Is.EqualTo(new Decision(Verdict.Divert, Reason.OwnJoin)));
        Assert.That(_box.Bypassed, Is.Empty);
        Assert.That(_box.Negotiator.ContextsCreated, Is.Zero);
    }

    [Test]
    public void Join_TokenNotOurs_Forwarded()
    {
        _box.Tokens.Add(Token + 1, _box.Server);
        AssertForeign(server);
    }

    [Test]
    public void Join_TokenOfOurs_AnotherAddressOrPort_Forwarded([Values] bool isOtherPort)
    {
        _box.Tokens.Add(Token, _box.Server);
        AssertForeign(isOtherPort ? otherPort : otherAddress);
    }

    [Test]
    public void Join_ConnectionHasJustEnded_DivertedToBeRefused()
    {
        _box.Tokens.Add(Token, _box.Server);
        _box.Tokens.Remove(Token);
        Assert.That(_box.Decide(Join(server)).Verdict, Is.EqualTo(Verdict.Divert));
    }

    [Test]
    public void Join_HandshakeToThatServerUnderWay_Deferred()
    {
        _box.Tokens.Expect(_box.Server);
        Assert.That(_box.Decide(Join(server)), Is.EqualTo(new Decision(Verdict.Defer, Reason.EarlyJoin)));
        Assert.That(_box.Bypassed, Is.Empty);
    }

    [Test]
    public void Join_HandshakeToAnotherServerUnderWay_Forwarded()
    {
        _box.Tokens.Expect(HostEndpoint.Parse(otherAddress));
        AssertForeign(server);
    }

    [Test]
    public void Join_HandshakeDone_DecidedByToken()
    {
        _box.Tokens.Expect(_box.Server);
        _box.Tokens.Add(Token, _box.Server);
        Assert.That(_box.Decide(Join(server)).Verdict, Is.EqualTo(Verdict.Divert), "the token is known already");
        _box.Tokens.Unexpect(_box.Server);
        Assert.That(_box.Decide(Join(server)).Verdict, Is.EqualTo(Verdict.Divert));
    }

    // The policy is about connections, not about subflows of those that are served.
    [Test]
    public void Join_TokenOfOurs_PolicySaysBypass_Diverted()
    {
        var box = new NegotiatorBench(
            client, server, policy: new PolicyTable([], PolicyAction.Bypass));
        box.Tokens.Add(Token, box.Server);
        Assert.That(box.Decide(Join(server)).Verdict, Is.EqualTo(Verdict.Divert));
    }

    [Test]
    public void Join_Malformed_ForwardedAndCounted()
    {
        _box.Tokens.Add(Token, _box.Server);
        Assert.That(_box.Decide(Join(server).MpCapable()), Is.EqualTo(Decision.Forward(Reason.MalformedOptions)));
        Assert.That(_box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.MalformedOptions] = 1 }));
    }

    // The four-tuple has a context: the client reuses the port for a subflow of another connection.
    [Test]
    public void Join_ContextPresent_OtherIsn_ReplacesAndIsDecidedByToken()
    {
        _box.Decide(_box.MptcpSyn());
        AssertForeign(server);
        _box.AssertEnded(Reason.ReplacedBySyn);
    }

    private void AssertForeign(string destination)
    {
        Assert.That(_box.Decide(Join(destination)), Is.EqualTo(Decision.Forward(Reason.ForeignJoin)));
        Assert.That(_box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.ForeignJoin] = 1 }));
    }

    private PacketBuilder Join(string destination) => PacketBuilder.Syn(client, destination).Mss(1460).MpJoin(Token);
}
