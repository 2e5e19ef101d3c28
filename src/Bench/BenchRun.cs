using Middlebox.Bench.Figures;
using Middlebox.Bench.Proof;
using Middlebox.Bench.Reports;
using Middlebox.Bench.Ways;
using Middlebox.Lab;
using Middlebox.Lab.Topologies;

namespace Middlebox.Bench;

/// <summary>
/// Measures all ways in turns: in each round every case once on each of its ways, one after the other, so that whatever else happens on the
/// machine meets all of them alike. The way that begins changes from round to round. Each run is proved by counters.
/// </summary>
public static class BenchRun
{
    /// <summary>Runs everything in a lab of its own.</summary>
    /// <param name="topology"><c>bench</c>.</param>
    /// <param name="options">What to measure.</param>
    /// <param name="lab">How to raise the lab.</param>
    /// <param name="progress">Told in a line each what is being done.</param>
    /// <param name="cancellation">Ends it; the lab is removed.</param>
    /// <exception cref="LabException">The lab could not be raised, or something in it ended.</exception>
    public static async Task<BenchReport> RunAsync(
        Topology topology, BenchOptions options, LabOptions lab, IProgress<string>? progress, CancellationToken cancellation)
    {
        var missing = BenchRequirements.Missing();
        if (missing.Count > 0)
            throw new LabException("This machine cannot run benchmarks.\n" + string.Join('\n', missing));
        var cases = FigureCatalogue.Select(options.Figures).SelectMany(figure => figure.Cases(options)).ToList();
        await using var network = await BenchNetwork.UpAsync(topology, lab, options.Haproxy, progress, cancellation);
        await WarmUpAsync(network, progress, cancellation);
        List<RunRecord> runs = [];
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var bench in cases)
            {
                progress?.Report($"Round {round} of {options.Rounds}: {bench.Title}");
                for (var turn = 0; turn < bench.Ways.Count; turn++)
                {
                    var way = Way.Of(bench.Ways[(turn + round - 1) % bench.Ways.Count]) with { Client = bench.Client };
                    runs.Add(await RunAsync(network, bench, way, round, cancellation));
                }
            }
        }

        return new BenchReport(await BenchEnvironment.ReadAsync(network, cancellation), options, runs);
    }

    private static async Task<RunRecord> RunAsync(
        BenchNetwork network, BenchCase bench, Way way, int round, CancellationToken cancellation)
    {
        try
        {
            return await MeasureAsync(network, bench, way, round, cancellation);
        }
        catch (Exception failure) when (failure is LabException or IOException or TimeoutException)
        {
            return new RunRecord(bench.Title, bench.Reference, way.Name, round, 0, [], [failure.Message]);
        }
    }

    private static async Task<RunRecord> MeasureAsync(
        BenchNetwork network, BenchCase bench, Way way, int round, CancellationToken cancellation)
    {
        if (bench.FreshProxy)
            await network.RestartProxyAsync(way, cancellation);
        var before = await network.ObserveAsync(way, cancellation);
        var used = ProxyTime();
        var outcome = await bench.RunAsync(network, way, cancellation);
        used = ProxyTime() - used;
        await network.EchoServer(way).WhenAllClosedAsync(cancellation);
        List<string> faults = [.. outcome.Faults];
        if (outcome.Evidence is { } evidence)
            faults.AddRange(RunProof.Faults(way, before, await network.ObserveAsync(way, cancellation), evidence));
        if (bench.FreshProxy)
        {
            await network.RestartProxyAsync(way, cancellation);
            await WarmUpAsync(network, way, cancellation);
        }

        List<Sample> samples = [.. outcome.Samples];
        if (outcome.Cost is { } cost && network.ProxyProcess(way) is not null)
            samples.Add(new Sample(cost.Metric, used.TotalSeconds / cost.Units));
        return new RunRecord(
            bench.Title, bench.Reference, way.Name, round, outcome.Evidence?.Client.Count ?? 0, samples, faults);

        TimeSpan ProxyTime() => network.ProxyProcess(way) is { } process ? ProcessorTime.Of(process) : TimeSpan.Zero;
    }

    // Until the runtimes involved have compiled what is hot, they would be measured compiling.
    private static async Task WarmUpAsync(BenchNetwork network, IProgress<string>? progress, CancellationToken cancellation)
    {
        progress?.Report("Warming up");
        foreach (var way in Way.All)
            await WarmUpAsync(network, way, cancellation);
    }

    private static async Task WarmUpAsync(BenchNetwork network, Way way, CancellationToken cancellation) =>
        await Exchanges.RunAsync(network, way, atATime: 16, TimeSpan.FromSeconds(1), cancellation);
}
