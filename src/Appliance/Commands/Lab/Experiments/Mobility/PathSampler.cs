using System.Diagnostics;
using System.Globalization;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>Reads every 100 ms what the client's two devices have carried, from the kernel's counters.</summary>
internal static class PathSampler
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>Samples until the time is up.</summary>
    public static async Task<IReadOnlyList<PathSample>> RunAsync(Laboratory lab, TimeSpan duration, CancellationToken cancellation)
    {
        var samples = new List<PathSample>();
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Period);
        do
        {
            var lines = lab["client"].InNamespace(() => File.ReadAllLines("/proc/thread-self/net/dev"));
            var ((wifiDown, wifiUp), (cellularDown, cellularUp)) = (BytesOf(lines, "wifi"), BytesOf(lines, "lte"));
            samples.Add(new PathSample(watch.Elapsed, wifiDown, wifiUp, cellularDown, cellularUp));
        }
        while (watch.Elapsed < duration && await timer.WaitForNextTickAsync(cancellation));
        return samples;
    }

    // "  wifi: bytes packets errs drop fifo frame compressed multicast  bytes ..."
    private static (long Received, long Sent) BytesOf(string[] lines, string device)
    {
        var fields = lines.Single(line => line.TrimStart().StartsWith($"{device}:", StringComparison.Ordinal))
            .Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(fields[0], CultureInfo.InvariantCulture), long.Parse(fields[8], CultureInfo.InvariantCulture));
    }
}
