using Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

namespace Middlebox.Lab.Tests.Mobility;

[Parallelizable(ParallelScope.All)]
public sealed class RadioPowerTests
{
    private static readonly RadioPower Radio = new(1000, 50, 400, 500, TimeSpan.FromSeconds(2));

    [Test]
    public void Traffic_CostsBaseAndBits_ThenTheTail_ThenNothing()
    {
        // One second of 8 Mbit/s down and 0.8 up, then eight of silence, seen every second.
        var counters = Enumerable.Range(0, 10).Select(second => (TimeSpan.FromSeconds(second), second > 0 ? 1_000_000L : 0, second > 0 ? 100_000L : 0)).ToList();

        var (on, joules) = Radio.Of(counters);

        Assert.That(on, Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(joules, Is.EqualTo(1 + (8 * 0.05) + (0.8 * 0.4) + (2 * 0.5)).Within(1e-9));
    }

    [Test]
    public void Silence_CostsNothing() =>
        Assert.That(Radio.Of([(TimeSpan.Zero, 7, 7), (TimeSpan.FromSeconds(1), 7, 7)]), Is.EqualTo((TimeSpan.Zero, 0.0)));

    // Neighbour and multicast reports of an idle host.
    [Test]
    public void WhatAHostSendsByItself_IsNoTraffic() =>
        Assert.That(Radio.Of([(TimeSpan.Zero, 0, 0), (TimeSpan.FromSeconds(1), 0, 200)]), Is.EqualTo((TimeSpan.Zero, 0.0)));
}
