namespace Middlebox.Architecture.Tests;

/// <summary>
/// The wall clock may be set, forwards and backwards, at any time. So nothing waits, ages or is decided by it: only what people are told has its
/// time, and what outlives the host's run.
/// </summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class WallClockTests
{
    private static readonly string[] Reads = ["DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.Now", "DateTimeOffset.UtcNow", "GetUtcNow(", "GetLocalNow("];

    /// <summary>Who reads it, and for what.</summary>
    private static readonly Dictionary<string, string> Readers = new()
    {
        ["src/Appliance/Dashboard/ConnectionDetail.cs"] = "shown",
        ["src/Appliance/Dashboard/ConnectionTable.cs"] = "shown",
        ["src/Appliance/Dashboard/DashboardSampler.cs"] = "shown",
        ["src/Appliance/Dashboard/DashboardService.cs"] = "shown",
        ["src/Appliance/Explain/Explainer.cs"] = "shown",
        ["src/Appliance/Reports/BoxReporter.cs"] = "shown",
        ["src/Appliance/Servers/KnownServersFile.cs"] = "what is known of servers outlives the host's run, and no other clock does",
        ["src/Appliance/Trace/DecisionReader.cs"] = "shown",
        ["src/ProxyEngine/RelayEngine.cs"] = "since when a connection is relayed, which is shown, and for how long it was, which metrics tell",
    };

    // What stands in a text is told. Verbs that look at a box or a lab are no part of one that serves.
    [Test]
    public void WallClock_IsReadOnlyByWhatTellsPeople() => Assert.That(
        SourceTree.Projects.Where(project => project is not ("Lab" or "Bench" or "Fuzzing"))
            .SelectMany(SourceTree.FilesOf)
            .Where(file => !file.StartsWith("src/Appliance/Commands/", StringComparison.Ordinal))
            .Where(file => Reads.Any(CodeText.Of(SourceTree.Read(file)).Contains)),
        Is.EquivalentTo(Readers.Keys));
}
