using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Negotiation;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Converter;

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

    [Test]
    public void Needed_TwoMoreForEachConnectionThatAConverterSetsUp()
    {
        var converter = new ConverterOptions { Listen = ["198.18.0.1:5124"], MaxPending = 30 };
        Assert.That(DescriptorBudget.Needed(Options with { Converter = converter }), Is.EqualTo(DescriptorBudget.Needed(Options) + 1 + (2 * 30)));
        Assert.That(DescriptorBudget.Needed(Options with { Converter = converter with { Listen = [] } }), Is.EqualTo(DescriptorBudget.Needed(Options)), "off");
    }

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
