using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Options;
using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Explain;

/// <summary>What is said of the next connection, by which way, and what of that is taken for a cause. The policy of all boxes here says bypass.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ForecastsTests
{
    private const string Own = "198.18.1.2";
    private const string Other = "198.18.1.3";

    private static readonly HostEndpoint Proxy = HostEndpoint.Parse("198.18.3.2:5125");
    private static readonly HostEndpoint Server = HostEndpoint.Parse("198.18.11.2:80");

    private static readonly MiddleboxOptions Host = new() { HostProxy = new HostProxyOptions { Proxies = [$"{Proxy}"], Rules = [new() { Server = "198.18.8.0/21" }] } };

    private static readonly MiddleboxOptions Box = new()
    {
        Addressed = new AddressedOptions { Listen = [$"{Proxy}"], Clients = ["198.18.0.0/15"], Servers = ["198.51.100.0/24"] },
    };

    // The policy is about what the box forwards.
    [Test]
    public void OwnConnection_IsNoneOfThePolicys()
    {
        var forecasts = Of(Host, Own);
        Assert.That(forecasts.OfHost!.Describe(), Does.StartWith($"Middlebox:HostProxy:Rules:0 sends it to the proxy at {Proxy}"));
        Assert.That((forecasts.Forwarded, forecasts.Named), Is.EqualTo(((object?)null, (object?)null)));
        Assert.That(Causes(forecasts, Decision(Reason.HostProxied, Proxy), Decision(Reason.ProxyRefused, Proxy)), Is.EqualTo(new[] { Cause.ProxyRefuses }));
    }

    [Test]
    public void OwnConnection_OfABoxWithoutProxies_GoesDirectly() =>
        Assert.That(Of(new MiddleboxOptions(), Own).OfHost!.Describe(), Does.EndWith("it goes directly"));

    [Test]
    public void ConnectionOfOthers_IsThePolicys()
    {
        var forecasts = Of(Host, Other);
        Assert.That((forecasts.Forwarded!.Reason, forecasts.Named, forecasts.OfHost), Is.EqualTo((Reason.PolicyBypass, (object?)null, (object?)null)));
        Assert.That(Causes(forecasts, Decision(Reason.NotMptcp, default)), Is.EqualTo(new[] { Cause.PolicyKeepsOut }));
    }

    [Test]
    public void ServerNamedToTheBox_ThePolicyIsNoCause_ButWhatRefusesNow()
    {
        var forecasts = Of(Box, Other);
        Assert.That(forecasts.Named!.Describe(), Does.StartWith("refused with a reset, by Middlebox:Addressed:Servers: "));
        Assert.That(forecasts.Forwarded!.Reason, Is.EqualTo(Reason.PolicyBypass));
        Assert.That(Causes(forecasts, Decision(Reason.NamedServerRelayed, Proxy)), Is.EqualTo(new[] { Cause.NamingNotAllowed }));
    }

    [Test]
    public void NothingSeen_TheWayIsTakenForThePathsOwn() =>
        Assert.That(Causes(Of(Box, Other)), Is.EqualTo(new[] { Cause.NothingSeen, Cause.PolicyKeepsOut }));

    [TestCase(Reason.PromotionLimit)]
    [TestCase(Reason.PromotionSourceLimit)]
    [TestCase(Reason.RouteInUse)]
    public void ConnectionThatIsNotLookedAt_IsACause(Reason reason) =>
        Assert.That(Causes(Forecasts.None, Decision(reason, Proxy)), Is.EqualTo(new[] { Cause.NotLookedAt }));

    private static Forecasts Of(MiddleboxOptions options, string client)
    {
        var time = new ManualTimeProvider();
        var negotiation = new NegotiationOptions();
        var state = new NegotiationState(
            negotiation, new PolicyTable([], PolicyAction.Bypass), null, new DroppingServers(1, TimeSpan.FromHours(1), time), new ServerCapabilities(negotiation, time),
            new ServedTokens(time), new RelayedFlows(time));
        return Forecasts.Of(options, state, Flow(client), address => address == HostAddress.Parse(Own));
    }

    private static IEnumerable<Cause> Causes(Forecasts forecasts, params DecisionRecord[] decisions) => Diagnosis
        .Of(new Evidence { Decisions = decisions, Forecast = forecasts.InTheWayOf(decisions.LastOrDefault()) })
        .Select(finding => finding.Cause);

    private static DecisionRecord Decision(Reason reason, HostEndpoint proxy) => new() { Time = 0, Flow = Flow(Other), Proxy = proxy, Reason = reason };

    private static FlowKey Flow(string client) => new(HostEndpoint.Parse($"{client}:40000"), Server);
}
