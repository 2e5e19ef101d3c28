using Middlebox.Lab.Emulation;

namespace Middlebox.Lab.Tests.Emulation;

[Parallelizable(ParallelScope.All)]
public sealed class DeliveryTraceTests
{
    private const long Millisecond = 1_000_000;

    [Test]
    public void Packets_LeaveAtTheTimesOfTheTrace_ThenItBeginsAnew()
    {
        var trace = new DeliveryTrace([2, 2, 5]);

        Assert.That(Enumerable.Range(0, 7).Select(_ => trace.Finish(0, 1500) / Millisecond), Is.EqualTo(new[] { 2, 2, 5, 7, 7, 10, 12 }));
    }

    [Test]
    public void Small_packets_share_an_opportunity_large_ones_take_several()
    {
        var trace = new DeliveryTrace([1, 2, 3, 4, 100]);

        Assert.That(new[] { 500, 1000, 3000, 1500 }.Select(bytes => trace.Finish(0, bytes) / Millisecond), Is.EqualTo(new[] { 1, 1, 3, 4 }));
    }

    [Test]
    public void Opportunity_that_nobody_used_is_lost()
    {
        var trace = new DeliveryTrace([1, 2, 3, 10]);

        Assert.That(trace.Finish(25 * Millisecond / 10, 1500), Is.EqualTo(3 * Millisecond));
        Assert.That(trace.Finish(1_000_055 * Millisecond / 10, 1500), Is.EqualTo(100_010 * Millisecond));
    }

    [Test]
    public void Start_BeginsAnew()
    {
        var trace = new DeliveryTrace([4]);
        trace.Start(1 * Millisecond);

        Assert.That(trace.Finish(2 * Millisecond, 100), Is.EqualTo(5 * Millisecond));
    }

    [TestCase("1\n2\n2\n7\n", "")]
    [TestCase("# made by hand\n\n1\n", "")]
    [TestCase("", "no time after 0")]
    [TestCase("0\n0\n", "no time after 0")]
    [TestCase("1\nx\n", "line 2")]
    [TestCase("1.5\n", "line 1")]
    [TestCase("5\n3\n", "line 2 is earlier")]
    public void File_IsReadOrRefusedWithItsLine(string content, string problem)
    {
        Assert.That(DeliveryTrace.TryRead(content.Split('\n'), out var times, out var error), Is.EqualTo(problem.Length == 0));
        Assert.That(error, problem.Length == 0 ? Is.Empty : Does.Contain(problem));
        Assert.That(times, problem.Length == 0 ? Is.Not.Empty : Is.Not.Null);
    }
}
