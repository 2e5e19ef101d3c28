using Middlebox.Appliance.Trace;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;

namespace Middlebox.Appliance.Tests.Trace;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class TraceFilterTests
{
    private static readonly DecisionRecord Decision = new()
    {
        Time = 0,
        Flow = new FlowKey(HostEndpoint.Parse("198.18.1.2:1000"), HostEndpoint.Parse("[2001:db8::9]:443")),
        Reason = Reason.ServerLegacy,
    };

    [TestCase("", true)]
    [TestCase("client=198.18.1.2", true)]
    [TestCase("client=198.18.1.0/24 server=2001:db8::/32 ports=80,443 reasons=served,serverLegacy", true)]
    [TestCase("client=198.18.1.3", false)]
    [TestCase("server=198.18.0.0/15", false)]
    [TestCase("ports=80", false)]
    [TestCase("reasons=Served", false)]
    [TestCase("client=198.18.1.2 ports=80", false)]
    public void Decision_MatchesIfAllCriteriaDo(string text, bool matches)
    {
        Assert.That(TraceFilter.TryParse(text, out var filter, out _), Is.True);
        Assert.That(filter!.Matches(in Decision), Is.EqualTo(matches));
    }

    [TestCase("past", true, false)]
    [TestCase("packets past", true, true)]
    [TestCase("", false, false)]
    public void Flags_AreRead(string text, bool past, bool packets)
    {
        Assert.That(TraceFilter.TryParse(text, out var filter, out _), Is.True);
        Assert.That((filter!.Past, filter.Packets), Is.EqualTo((past, packets)));
    }

    [TestCase("client=here", "client 'here' is no address or prefix")]
    [TestCase("server=198.18.1.1/8", "server '198.18.1.1/8' is no address or prefix")]
    [TestCase("ports=0", "ports '0' is no set of ports")]
    [TestCase("reasons=because", "reasons 'because' has a name that is none; known are NotMptcp, ")]
    [TestCase("reasons=7", "reasons '7' has a name that is none")]
    [TestCase("colour=red", "'colour' is no criterion")]
    public void Mistake_IsNamedWithItsRemedy(string text, string problem)
    {
        Assert.That(TraceFilter.TryParse(text, out _, out var found), Is.False);
        Assert.That(found, Does.StartWith(problem));
    }
}
