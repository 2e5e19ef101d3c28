using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Negotiation;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Tests.Host;

[Parallelizable(ParallelScope.All)]
public sealed class DescriptorBudgetTests
{
    private static readonly MiddleboxOptions Options = new()
    {
        ProxyEngine = new ProxyEngineOptions { MaxFlows = 100, MaxListeners = 10 },
        Negotiation = new NegotiationOptions { MaxHalfOpen = 20 },
    };

    [Test]
    public void Needed_TwoForEachConnectionAndHandshake_OneForEachListener() =>
        Assert.That(DescriptorBudget.Needed(Options), Is.EqualTo(200 + 10 + (2 * 20) + (2 * 100)));

    [TestCase(450, 100)]
    [TestCase(449, 99)]
    [TestCase(252, 1)]
    [TestCase(long.MaxValue, 100)]
    public void MaxFlows_WhatTheOpenFilesSufficeFor_NoMoreThanConfigured(long openFiles, int flows) =>
        Assert.That(DescriptorBudget.MaxFlows(openFiles, Options), Is.EqualTo(flows));

    [Test]
    public void MaxFlows_NotEvenOne_SaysWhatIsNeeded() => Assert.That(
        () => DescriptorBudget.MaxFlows(251, Options),
        Throws.TypeOf<HostSetupException>().With.Message.Contains("251").And.Message.Contains("252"));
}
