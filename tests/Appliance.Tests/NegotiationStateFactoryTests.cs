using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class NegotiationStateFactoryTests
{
    private static readonly FlowKey Flow = new(HostEndpoint.Parse("198.18.1.2:40000"), HostEndpoint.Parse("198.18.9.2:80"));

    private static readonly PolicyRuleOptions Limited = new() { Ports = "80", Action = PolicyAction.Serve, MaxFlows = 5 };

    private readonly NegotiationStateFactory _factory;

    public NegotiationStateFactoryTests()
    {
        var time = new ManualTimeProvider();
        _factory = new NegotiationStateFactory(new DroppingServers(1, TimeSpan.FromHours(1), time), new ServerCapabilities(new Negotiation.NegotiationOptions(), time), new ServedTokens(time), new RelayedFlows(time), time);
    }

    [Test]
    public void Implicit_HasNoExplicitSettings_WhateverTheSectionSays() => Assert.That(
        _factory.Create(new MiddleboxOptions { Explicit = new ExplicitOptions { ProxyId = 9 } }).Explicit, Is.Null);

    [Test]
    public void Explicit_HasThoseOfTheSection()
    {
        var options = new MiddleboxOptions
        {
            Mode = NegotiationMode.Explicit,
            Explicit = new ExplicitOptions
            {
                ProxyId = 65535,
                Preference = 7,
                Carrier = ClaimCarrier.CapableBit,
                AcceptUnsigned = true,
            },
        };
        Assert.That(
            _factory.Create(options).Explicit,
            Is.EqualTo(new ExplicitSettings(65535, 7, ClaimCarrier.CapableBit, Keys: null, AcceptUnsigned: true)));
    }

    // Checked before; but a box must not serve unsigned because its file has just gone.
    [Test]
    public void Explicit_KeyFileGone_Fails() => Assert.That(
        () => _factory.Create(new MiddleboxOptions
        {
            Mode = NegotiationMode.Explicit,
            Explicit = new ExplicitOptions { ProxyId = 1, KeyFile = "/nonexistent/keys" },
        }),
        Throws.TypeOf<HostSetupException>());

    [Test]
    public void Rule_HasAllOfItsKeys()
    {
        var rule = Find(Limited with { Share = 0.25, Preference = 3 });
        Assert.That(rule.Action, Is.EqualTo(PolicyAction.Serve));
        Assert.That(rule.Share, Is.EqualTo(0.25));
        Assert.That(rule.Preference, Is.EqualTo(3));
        Assert.That(Enumerable.Range(0, 9).Count(_ => rule.Admission!.TryAdmit(out var _)), Is.EqualTo(5));
    }

    [Test]
    public void Rule_WithoutLimits_CountsNothing() => Assert.That(Find(Limited with { MaxFlows = null }).Admission, Is.Null);

    // Otherwise each reload would admit as many connections again.
    [Test]
    public void Reload_RuleUnchanged_GoesOnCounting()
    {
        var before = Find(Limited).Admission;
        Assert.That(Find(Limited with { }, new PolicyRuleOptions { Action = PolicyAction.Bypass }).Admission, Is.SameAs(before));
        Assert.That(Find(Limited with { MaxFlows = 6 }).Admission, Is.Not.SameAs(before));
    }

    private PolicyRule Find(params PolicyRuleOptions[] rules) =>
        _factory.Create(new MiddleboxOptions { Policy = new PolicyOptions { Rules = rules } }).Policy.Find(Flow);
}
