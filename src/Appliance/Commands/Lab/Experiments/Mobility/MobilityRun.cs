using Middlebox.Lab;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>
/// One mode over one trace in a lab of its own. The trace is played twice: once for the long download alone, which takes all there is, and once for the paced
/// stream, the ping-pong and the pages together, which take little.
/// </summary>
internal sealed class MobilityRun(Topology topology, MobilityMode mode, int run)
{
    /// <summary>How long all traces last.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    // A radio tells its host of a lost access point a little later.
    private static readonly TimeSpan RadioDelay = TimeSpan.FromMilliseconds(100);

    // A connection that has used cellular while Wi-Fi was gone may empty its queue there.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    /// <summary>Raises the lab, plays the trace twice and takes the lab down.</summary>
    /// <exception cref="LabException">The lab could not be raised.</exception>
    public async Task<MobilityResult> RunAsync(CancellationToken cancellation)
    {
        var options = new LabOptions
        {
            InstanceName = $"mob{Environment.ProcessId}-{(int)mode}-{run}",
            StartTimelines = false,
        };
        await using var lab = await Laboratory.UpAsync(topology, options, cancellation: cancellation);
        var client = new MobilityClient(lab, mode);

        var (samples, download) = await PlayAsync(
            lab, client, () => DownloadLoad.RunAsync(client, Path.Combine(lab.ContentDirectory, "100m"), Duration, cancellation), cancellation);
        var (_, small) = await PlayAsync(lab, client, () => SmallLoadsAsync(client, cancellation), cancellation);
        var (cellularOn, cellularJoules) = RadioPower.Cellular.Of([.. samples.Select(at => (at.At, at.CellularDown, at.CellularUp))]);
        var (_, wifiJoules) = RadioPower.Wifi.Of([.. samples.Select(at => (at.At, at.WifiDown, at.WifiUp))]);
        var loaded = small.Pages.OfType<TimeSpan>().Order().ToList();
        return new MobilityResult(
            topology.Name,
            mode,
            run,
            download.BitsPerSecond / 1e6,
            download.LongestStall.TotalSeconds,
            download.HasWrongBytes,
            download.Failure,
            small.Stall.TotalSeconds,
            small.Pings.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(small.Pings.Count * 0.99) - 1)).TotalMilliseconds,
            loaded.Count > 0 ? loaded[loaded.Count / 2].TotalSeconds : null,
            small.Pages.Count - loaded.Count,
            cellularOn.TotalSeconds,
            cellularJoules + wifiJoules,
            CellularShareWhileWifi(samples),
            await WasProxiedAsync(lab, client, cancellation),
            samples);
    }

    private async Task<(IReadOnlyList<PathSample> Samples, T Result)> PlayAsync<T>(
        Laboratory lab, MobilityClient client, Func<Task<T>> load, CancellationToken cancellation)
    {
        await client.PrepareAsync(cancellation);
        lab.StartTimelines();
        var samples = PathSampler.RunAsync(lab, Duration, cancellation);
        var radio = ReportWifiAsync(client, cancellation);
        var result = await load();
        await radio;
        return (await samples, result);
    }

    private static async Task<(TimeSpan Stall, IReadOnlyList<TimeSpan> Pings, IReadOnlyList<TimeSpan?> Pages)> SmallLoadsAsync(
        MobilityClient client, CancellationToken cancellation)
    {
        var stream = StreamLoad.RunAsync(client, Duration, cancellation);
        var pings = PingPongLoad.RunAsync(client, Duration, cancellation);
        var pages = PageLoad.RunAsync(client, Duration, cancellation);
        return (await stream, await pings, await pages);
    }

    private async Task ReportWifiAsync(MobilityClient client, CancellationToken cancellation)
    {
        var begin = TimeProvider.System.GetTimestamp();
        foreach (var (at, up) in MobilityEvents.Of(topology, "wifi"))
        {
            var wait = at + RadioDelay - TimeProvider.System.GetElapsedTime(begin);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, cancellation);
            await client.OnWifiAsync(up, cancellation);
        }
    }

    private double CellularShareWhileWifi(IReadOnlyList<PathSample> samples)
    {
        var (wifi, cellular) = (0L, 0L);
        foreach (var (before, after) in samples.Zip(samples.Skip(1)))
        {
            if (!MobilityEvents.IsUp(topology, "wifi", before.At - Settled, after.At))
                continue;
            wifi += after.WifiDown - before.WifiDown;
            cellular += after.CellularDown - before.CellularDown;
        }

        return wifi + cellular == 0 ? 0 : (double)cellular / (wifi + cellular);
    }

    private static async Task<bool> WasProxiedAsync(Laboratory lab, MobilityClient client, CancellationToken cancellation)
    {
        var status = await lab["box"].BoxStatusAsync(cancellation);
        var adopted = status.GetProperty("contexts").GetProperty("released").TryGetProperty("adopted", out var count) ? count.GetInt64() : 0;
        var converted = status.GetProperty("converter").GetProperty("served").GetInt64();
        return client.IsAddressing ? converted > 0 : client.IsMptcp == adopted > 0;
    }
}
