using Middlebox.Appliance.Commands.Top;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation;
using Middlebox.ProxyEngine.Relay;
using Spectre.Console;

namespace Middlebox.Appliance.Tests.Commands;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class TopScreenTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [TestCase(0, "0 bit/s")]
    [TestCase(999, "999 bit/s")]
    [TestCase(999.6, "1.0 kbit/s")]
    [TestCase(94_080_000, "94.1 Mbit/s")]
    [TestCase(940_000_000, "940 Mbit/s")]
    [TestCase(2.5e13, "25.0 Tbit/s")]
    public void Rate_HasThreeDigitsAtMost(double rate, string text) => Assert.That(TopScreen.Rate(rate), Is.EqualTo(text));

    [Test]
    public void Flows_TheFastestFirst_ByWhatTheyMovedSince()
    {
        var screen = Draw(
            Sample(0, 1, Flow(1, up: 1_000_000, down: 9_000_000)),
            Sample(2, 3, Flow(1, up: 1_000_000, down: 9_250_000), Flow(2, up: 0, down: 2_500_000), Flow(3, up: 0, down: 0)),
            rows: 2);
        Assert.That(screen, Does.Contain("3 flows (1 new/s), 4 contexts, 0 bit/s up, 11.0 Mbit/s down"));
        Assert.That(screen, Does.Contain("Decided: 2 serverCapable, 1 tcpMd5"));
        Assert.That(screen.IndexOf("198.18.1.2:2 ", StringComparison.Ordinal), Is.LessThan(screen.IndexOf("198.18.1.2:1 ", StringComparison.Ordinal)));
        Assert.That(screen, Does.Match(@"198\.18\.1\.2:2 +198\.18\.9\.2:80 +2 +0 bit/s +10\.0 Mbit/s"));
        Assert.That(screen, Does.Not.Contain("198.18.1.2:3 ").And.Contain("1 more"));
    }

    // Markup in a text that comes from outside would be taken for markup.
    [Test]
    public void AddressesInBrackets_AreNoMarkup() => Assert.That(
        Draw(Sample(0, 1), Sample(1, 2, Flow(1, 0, 0) with { Client = "[2001:db8::1]:1" }), rows: 5), Does.Contain("[2001:db8::1]:1"));

    [Test]
    public void NothingHappened_IsSaid() => Assert.That(Draw(Sample(0, 1), Sample(1, 1), rows: 5), Does.Contain("Nothing was decided."));

    private static string Draw(TopSample earlier, TopSample later, int rows)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 120;
        console.Write(TopScreen.Draw(earlier, later, rows));
        return text.ToString();
    }

    private static TopSample Sample(int seconds, long factor, params FlowReport[] flows) => new(
        Begin.AddSeconds(seconds),
        new StatusReport
        {
            Name = "p1",
            Mode = NegotiationMode.Implicit,
            Since = Begin,
            Contexts = new ContextsReport(4, 9, new Dictionary<Reason, long> { [Reason.ServerCapable] = factor }),
            Flows = new FlowTotals(flows.Length, factor, new Dictionary<FlowEnd, long>()),
            Bypassed = factor > 1 ? new Dictionary<Reason, long> { [Reason.TcpMd5] = 1 } : [],
            Claims = new Dictionary<Reason, long>(),
            Packets = new PacketsReport(0, 0, 0, 0, 0),
        },
        flows);

    private static FlowReport Flow(int port, long up, long down) => new(
        $"198.18.1.2:{port}", "198.18.9.2:80", true, [new SubflowReport("a", "b"), new SubflowReport("c", "d")], up, down,
        Reason.ServerLegacy, null, Begin);
}
