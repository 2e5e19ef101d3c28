using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Negotiation.Tests.Policy;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class PolicyTableTests
{
    [Test]
    public void NoRule_TheDefaultDecides([Values] PolicyAction action) =>
        Assert.That(new PolicyTable([], action).Find(Flow("198.18.1.2:1", "198.18.9.2:80")).Action, Is.EqualTo(action));

    [TestCase("198.18.1.2:1", "198.18.9.2:443", PolicyAction.Bypass, Description = "first rule")]
    [TestCase("198.18.1.2:1", "198.18.9.2:80", PolicyAction.Serve, Description = "second rule")]
    [TestCase("198.19.1.2:1", "198.18.9.2:80", PolicyAction.Bypass, Description = "third rule: all clients")]
    [TestCase("198.19.1.2:1", "198.18.9.2:8080", PolicyAction.Serve, Description = "no rule")]
    [TestCase("[2001:db8:1::2]:1", "[2001:db8:9::2]:80", PolicyAction.Bypass, Description = "any is both families")]
    [TestCase("[2001:db8:1::2]:1", "[2001:db8:9::2]:81", PolicyAction.Serve)]
    [TestCase("[2001:db8:2::2]:1", "[2001:db8:9::2]:22", PolicyAction.Bypass, Description = "fourth rule")]
    [TestCase("[2001:db8:2:1::2]:1", "[2001:db8:9::2]:22", PolicyAction.Serve)]
    public void FirstRuleThatMatches_Decides(string client, string server, PolicyAction expected)
    {
        var table = new PolicyTable(
            [
                Rule("198.18.0.0/16", "any", "443", PolicyAction.Bypass),
                Rule("198.18.0.0/16", "198.18.0.0/15", "any", PolicyAction.Serve),
                Rule("any", "any", "80", PolicyAction.Bypass),
                Rule("2001:db8:2::/64", "2001:db8::/32", "20-25", PolicyAction.Bypass),
            ],
            PolicyAction.Serve);
        Assert.That(table.Find(Flow(client, server)).Action, Is.EqualTo(expected));
    }

    [TestCase("198.18.1.2/32", "any", "any", true)]
    [TestCase("198.18.1.3/32", "any", "any", false)]
    [TestCase("any", "198.18.9.2", "any", true)]
    [TestCase("any", "198.18.9.0/31", "any", false)]
    [TestCase("198.18.9.2", "any", "any", false, Description = "the server's address is not the client's")]
    [TestCase("any", "any", "80", true)]
    [TestCase("any", "any", "40000", false, Description = "ports are the server's")]
    [TestCase("::/0", "any", "any", false)]
    [TestCase("0.0.0.0/0", "any", "any", true)]
    public void Rule_MatchesOnAllItsParts(string client, string server, string ports, bool expected) =>
        Assert.That(
            Rule(client, server, ports, PolicyAction.Bypass).Matches(Flow("198.18.1.2:40000", "198.18.9.2:80")),
            Is.EqualTo(expected));

    private static PolicyRule Rule(string client, string server, string ports, PolicyAction action) =>
        new(AddressPrefix.Parse(client), AddressPrefix.Parse(server), PortSet.Parse(ports), action);

    private static FlowKey Flow(string client, string server) => new(HostEndpoint.Parse(client), HostEndpoint.Parse(server));
}
