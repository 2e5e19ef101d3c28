using System.Diagnostics;
using System.Text.Json;
using Middlebox.Bench;
using Middlebox.Bench.Ways;
using Middlebox.Lab.Tests.Lab;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Bench;

/// <summary>The benchmark in small: that it measures what it says, and tells when it does not. Its figures are of no interest here.</summary>
[NonParallelizable]
public sealed class BenchTests : LabFixture
{
    private static readonly BenchOptions Small = new() { Figures = ["pingpong"], Rounds = 1, Seconds = 1 };

    [Test]
    [CancelAfter(120_000)]
    public async Task Verb_OneFigure_EveryRunIsProved(CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("bench").FullName;
        try
        {
            var start = new ProcessStartInfo(
                "dotnet",
                [Path.Combine(AppContext.BaseDirectory, "middlebox.dll"), "bench", "--figures", "pingpong", "--rounds", "1", "--seconds", "1",
                    "--json", "--out", directory])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var report = JsonElement.Parse(await process.StandardOutput.ReadToEndAsync(cancellation));
            await process.WaitForExitAsync(cancellation);

            Assert.That(process.ExitCode, Is.Zero, $"{await error}\n{report}");
            Assert.That(report.GetProperty("valid").GetBoolean(), Is.True);
            Assert.That(report.GetProperty("environment").GetProperty("congestionControl").GetString(), Is.EqualTo("reno"));
            foreach (var metric in report.GetProperty("metrics").EnumerateArray())
            {
                Assert.That(metric.GetProperty("ways").EnumerateObject().Select(way => way.Name),
                    Is.EquivalentTo(new[] { "box", "haproxy", "plainTcp", "endToEndMptcp" }));
            }

            Assert.That(File.ReadAllText(Path.Combine(directory, "bench.svg")), Does.StartWith("<svg"));
            Assert.That(File.ReadAllText(Path.Combine(directory, "bench.json")), Does.Contain("pingpong.p50"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Haproxy_WithoutMptcp_ItsRunsAreNotValid(CancellationToken cancellation)
    {
        var report = await BenchRun.RunAsync(
            TopologyLoader.Load(ShippedTopologies.PathOf("bench")),
            Small with { Haproxy = HaproxySockets.PlainTcp },
            new LabOptions { InstanceName = NewInstanceName() },
            progress: null,
            cancellation);

        Assert.That(report.Valid, Is.False);
        Assert.That(report.Runs.Where(run => !run.Valid).Select(run => run.Way), Is.EqualTo(new[] { WayName.Haproxy }));
        Assert.That(report.Runs.Single(run => !run.Valid).Faults, Has.Some.Contains("MPTCP ended at peer for 0 of 1"));
        Assert.That(report.Metrics.Select(row => row.Ways.Keys), Has.All.Not.Contain(WayName.Haproxy));
    }
}
