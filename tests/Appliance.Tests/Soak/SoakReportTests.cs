using System.Xml.Linq;
using Middlebox.Appliance.Commands.Soak;

namespace Middlebox.Appliance.Tests.Soak;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class SoakReportTests
{
    private static readonly SoakReport Report = new()
    {
        Seconds = 10,
        Invariants = [new SoakInvariant("a", "1", true), new SoakInvariant("b", "2", true)],
        Faults = new Dictionary<SoakFault, int> { [SoakFault.Kill] = 1 },
        Completed = 3,
        Resets = 1,
        Bytes = 1000,
        Failures = [],
        Samples =
        [
            new SoakSample(1, 0, 0, 1, 100, 20 << 20, 5), new SoakSample(2, 500, null, null, null, null, null), new SoakSample(3, 1000, 1, 2, 101, 21 << 20, 6),
        ],
        Events = [new SoakEvent(1.5, SoakFault.Kill)],
    };

    [Test]
    public void OneInvariantThatDoesNotHold_NothingHolds()
    {
        Assert.That(Report.Holds, Is.True);
        Assert.That((Report with { Invariants = [.. Report.Invariants, new SoakInvariant("c", "3", false)] }).Holds, Is.False);
    }

    [Test]
    public void Chart_IsXml_WithAPanelForEachSeries_AndALineForEachFault()
    {
        var svg = XDocument.Parse(SoakChart.Draw(Report)).Root!;
        XNamespace space = "http://www.w3.org/2000/svg";
        Assert.That(svg.Elements(space + "path").Count(), Is.EqualTo(6));
        Assert.That(svg.Elements(space + "line").Count(), Is.EqualTo(6));
        // While no daemon could be asked there is no line.
        Assert.That(svg.Elements(space + "path").ElementAt(1).Attribute("d")!.Value.Count(letter => letter == 'M'), Is.EqualTo(2));
    }

    [Test]
    public void Chart_OfARunWithoutSamples_IsEmpty() =>
        Assert.That(() => XDocument.Parse(SoakChart.Draw(Report with { Samples = [], Events = [] })), Throws.Nothing);
}
