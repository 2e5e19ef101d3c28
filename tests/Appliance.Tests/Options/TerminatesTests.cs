using Middlebox.Appliance.Options;
using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Tests.Options;

/// <summary>Whether connections may end at a box: if not, it has no rules for that.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class TerminatesTests
{
    private static readonly MiddleboxOptions HostAlone = new()
    {
        Policy = new() { Default = PolicyAction.Bypass },
        HostProxy = new() { Proxies = ["198.18.3.2:5125"], Rules = [new()] },
    };

    [Test]
    public void HostAlone_DoesNot() => Assert.That(HostAlone.Terminates, Is.False);

    [Test]
    public void HostAlone_RulesThatBypass_DoesNot() => Assert.That(WithRule(PolicyAction.Bypass).Terminates, Is.False);

    // A box that is to be left alone for a while is made to serve again by a reload.
    [Test]
    public void Box_ThatBypassesEverything_Does() => Assert.That((HostAlone with { HostProxy = new() }).Terminates, Is.True);

    [Test]
    public void Host_RuleThatLooksAtConnections_Does([Values(PolicyAction.Serve, PolicyAction.Defer)] PolicyAction action) =>
        Assert.That(WithRule(action).Terminates, Is.True);

    [Test]
    public void Host_DefaultThatLooksAtConnections_Does([Values(PolicyAction.Serve, PolicyAction.Defer)] PolicyAction action) =>
        Assert.That((HostAlone with { Policy = new() { Default = action } }).Terminates, Is.True);

    [Test]
    public void Host_OfAConverter_Does() =>
        Assert.That((HostAlone with { HostProxy = HostAlone.HostProxy with { Protocol = HostProxyProtocol.Converter } }).Terminates, Is.True);

    [Test]
    public void Host_ThatIsAConverter_Does() => Assert.That((HostAlone with { Converter = new() { Listen = ["198.18.1.2:5124"] } }).Terminates, Is.True);

    [Test]
    public void Host_ThatIsAProxy_Does() => Assert.That((HostAlone with { Addressed = new() { Listen = ["198.18.1.2:5125"] } }).Terminates, Is.True);

    private static MiddleboxOptions WithRule(PolicyAction action) =>
        HostAlone with { Policy = HostAlone.Policy with { Rules = [new() { Action = action }] } };
}
