using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests;

/// <summary>SYNs that are forwarded untouched, each with its reason and counter.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class BypassTests(string client, string server)
{
    private readonly NegotiatorBench _box = new(client, server);

    [Test]
    public void Syn_WithoutMpCapable_Bypassed() => AssertBypassed(_box.PlainSyn(), Reason.NotMptcp);

    [Test]
    public void Syn_WithMpCapableVersion0_Bypassed() => AssertBypassed(Syn().MpCapableVersion0(), Reason.MptcpVersion0);

    [Test]
    public void Syn_WithMpCapableOfUnknownVersion_Bypassed([Values(2, 15)] byte version) =>
        AssertBypassed(Syn().Option(30, 4, version, 1), Reason.MptcpVersionUnknown);

    [Test]
    public void Syn_WithData_Bypassed() => AssertBypassed(_box.MptcpSyn().Payload(1), Reason.SynWithData);

    [Test]
    public void Syn_WithFastOpenRequest_Bypassed() => AssertBypassed(Syn().MpCapable().FastOpenRequest(), Reason.FastOpen);

    [Test]
    public void Syn_WithFastOpenCookieAndData_Bypassed() =>
        AssertBypassed(Syn().MpCapable().Option(34, 10, 1, 2, 3, 4, 5, 6, 7, 8).Payload(1, 2), Reason.FastOpen);

    [Test]
    public void Syn_WithExperimentalFastOpen_Bypassed() =>
        AssertBypassed(Syn().MpCapable().Option(254, 4, 0xF9, 0x89), Reason.FastOpen);

    [Test]
    public void Syn_WithMd5_Bypassed() => AssertBypassed(Syn().MpCapable().Md5(), Reason.TcpMd5);

    [Test]
    public void Syn_WithTcpAo_Bypassed() => AssertBypassed(Syn().MpCapable().Authentication(), Reason.TcpAuthentication);

    private static IEnumerable<TestCaseData> MalformedOptions()
    {
        yield return Case("option of length 0", 254, 0);
        yield return Case("option of length 1", 254, 1);
        yield return Case("option beyond the end", 254, 40);
        yield return Case("kind without length", 1, 1, 1, 254);
        yield return Case("MP_CAPABLE of length 2", 30, 2);
        yield return Case("MP_CAPABLE of length 3", 30, 3, 1);
        yield return Case("MP_CAPABLE of length 5", 30, 5, 1, 1, 0);
        yield return Case("two MP_CAPABLE", 30, 4, 1, 1, 30, 4, 1, 1);
        yield return Case("MSS of length 3", 30, 4, 1, 1, 2, 3, 5);
        yield return Case("MP_CAPABLE and MP_JOIN", 30, 4, 1, 1, 30, 12, 0x10, 1, 1, 2, 3, 4, 1, 2, 3, 4);

        static TestCaseData Case(string name, params byte[] options) =>
            new TestCaseData(options).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(MalformedOptions))]
    public void Syn_WithMalformedOptions_Bypassed(byte[] options) =>
        AssertBypassed(Syn().Option(options), Reason.MalformedOptions);

    [Test]
    public void PacketThatIsNoTcp_ForwardedAndCounted()
    {
        Assert.That(_box.Negotiator.DecideMalformed(), Is.EqualTo(Decision.Forward(Reason.MalformedPacket)));
        Assert.That(_box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.MalformedPacket] = 1 }));
    }

    [Test]
    public void EveryBypass_IsCountedEachTime()
    {
        for (var i = 0; i < 3; i++)
            _box.Decide(Syn().MpCapable().Md5());
        Assert.That(_box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.TcpMd5] = 3 }));
    }

    private PacketBuilder Syn() => PacketBuilder.Syn(client, server).Isn(NegotiatorBench.Isn);

    private void AssertBypassed(PacketBuilder syn, Reason reason)
    {
        Assert.That(_box.Decide(syn), Is.EqualTo(Decision.Forward(reason)));
        Assert.That(_box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [reason] = 1 }));
        Assert.That(_box.Negotiator.ContextsCreated, Is.Zero);
        Assert.That(_box.Decide(_box.SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
    }
}
