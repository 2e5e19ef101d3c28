using Middlebox.Appliance.Explain;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Tests.Explain;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ExplainQueryTests
{
    private static readonly FlowKey Flow = new(HostEndpoint.Parse("198.18.1.2:1000"), HostEndpoint.Parse("[2001:db8::9]:443"));

    [TestCase("", true)]
    [TestCase("any any", true)]
    [TestCase("198.18.1.2", true)]
    [TestCase("198.18.1.2:1000 2001:db8::9", true)]
    [TestCase("any [2001:db8::9]:443", true)]
    [TestCase("any 2001:db8::/32", true)]
    [TestCase("198.18.1.2:1001", false)]
    [TestCase("any [2001:db8::9]:80", false)]
    [TestCase("198.18.1.3", false)]
    public void Flow_MatchesByWhatIsNamed(string text, bool matches)
    {
        Assert.That(ExplainQuery.TryParse(text, out var query, out _), Is.True);
        Assert.That(query!.Matches(Flow), Is.EqualTo(matches));
    }

    [TestCase("198.18.1.2 198.18.9.2:80", "198.18.1.2:0 > 198.18.9.2:80")]
    [TestCase("198.18.1.2:5 198.18.9.2:80", "198.18.1.2:5 > 198.18.9.2:80")]
    [TestCase("198.18.1.2 198.18.9.2", null)]
    [TestCase("198.18.0.0/15 198.18.9.2:80", null)]
    [TestCase("any 198.18.9.2:80", null)]
    public void Connection_IsKnownIfTheQueryLeavesNoneOpen(string text, string? connection)
    {
        Assert.That(ExplainQuery.TryParse(text, out var query, out _), Is.True);
        Assert.That(query!.Connection?.ToString(), Is.EqualTo(connection));
    }

    [TestCase("here", "client 'here' is no address")]
    [TestCase("any there", "server 'there' is no address")]
    [TestCase("any any any", "'any' is too much")]
    public void Mistake_IsNamed(string text, string problem)
    {
        Assert.That(ExplainQuery.TryParse(text, out _, out var found), Is.False);
        Assert.That(found, Does.StartWith(problem));
    }
}
