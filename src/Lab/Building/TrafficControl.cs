using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Building;

/// <summary>The tc(8) commands that limit how fast link ends send.</summary>
internal static class TrafficControl
{
    // Long enough for the largest offloaded packet; tbf would have to cut it otherwise.
    private const long SmallestBurstBytes = 64 * 1024;
    private const long BurstMilliseconds = 10;
    private const long QueueMilliseconds = 50;

    /// <summary>A token bucket for every limited device of a host, but for those of emulated links.</summary>
    public static IReadOnlyList<string> Lines(Topology topology, string host) =>
        [.. topology.EndsOf(host).Where(end => end.Rate is not null && end.Emulation is null)
            .Select(end => TokenBucket(end.Device, end.Rate!.Value))];

    private static string TokenBucket(string device, LinkRate rate)
    {
        var burst = Math.Max(SmallestBurstBytes, rate.BitsPerSecond / 8 * BurstMilliseconds / 1000);
        return $"qdisc add dev {device} root tbf rate {rate.BitsPerSecond}bit burst {burst} latency {QueueMilliseconds}ms";
    }
}
