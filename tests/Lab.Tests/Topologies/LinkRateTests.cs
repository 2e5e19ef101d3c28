using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Topologies;

[Parallelizable(ParallelScope.All)]
public sealed class LinkRateTests
{
    [TestCase("50mbit", 50_000_000)]
    [TestCase("1.5gbit", 1_500_000_000)]
    [TestCase("800kbit", 800_000)]
    [TestCase("9000bit", 9_000)]
    public void A_rate_reads_and_prints_as_tc_writes_it(string text, long bits)
    {
        Assert.That(LinkRate.TryParse(text, out var rate), Is.True);
        Assert.That(rate.BitsPerSecond, Is.EqualTo(bits));
        Assert.That(LinkRate.TryParse(rate.ToString(), out var again) ? again : default, Is.EqualTo(rate));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("50")]
    [TestCase("-1mbit")]
    [TestCase("50 mbit")]
    [TestCase("50Mbit/s")]
    [TestCase("1bit")]
    [TestCase("999999gbit")]
    public void What_is_not_a_rate_is_refused(string? text) => Assert.That(LinkRate.TryParse(text, out _), Is.False);
}
