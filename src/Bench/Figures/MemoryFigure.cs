using Middlebox.Bench.Proof;
using Middlebox.Bench.Ways;
using Middlebox.Native;

namespace Middlebox.Bench.Figures;

/// <summary>User memory of a proxy that has just begun and served a little, and what 5,000 open and silent connections add to it.</summary>
internal sealed class MemoryFigure : IFigure
{
    private const int Connections = 5000;
    private const int QuickConnections = 1000;
    private const int ConnectionsBefore = 500;
    private const double Kibibyte = 1024;
    private const double Mebibyte = 1024 * 1024;

    private static readonly WayName[] Ways = [WayName.Box, WayName.Haproxy];
    private static readonly Metric Idle = new("memory.idle", "user memory idle, Pss", "MiB", MoreIsBetter: false);
    private static readonly Metric IdleAnonymous = new("memory.idle.anonymous", "user memory idle, anonymous", "MiB", MoreIsBetter: false);

    public string Name => "memory";

    public string Description => "user memory of the proxy idle, and per idle connection at 5,000";

    public IEnumerable<BenchCase> Cases(BenchOptions options)
    {
        var connections = options.Quick ? QuickConnections : Connections;
        var each = new Metric("memory.connection", $"user memory per idle connection at {connections:N0}, Pss", "KiB", MoreIsBetter: false);
        return
        [
            new("user memory", Ways, WayName.Haproxy, (network, way, cancellation) => RunAsync(network, way, connections, each, cancellation))
            {
                FreshProxy = true,
            },
        ];
    }

    private static async Task<CaseOutcome> RunAsync(
        BenchNetwork network, Way way, int connections, Metric each, CancellationToken cancellation)
    {
        List<FileDescriptor> open = [];
        try
        {
            var before = await Exchanges.HoldAsync(network, way, ConnectionsBefore, open, cancellation);
            open.ForEach(connection => connection.Dispose());
            open.Clear();
            await network.EchoServer(way).WhenAllClosedAsync(cancellation);
            var process = network.ProxyProcess(way)!.Value;
            var idle = ProcessMemory.Of(process);
            var load = await Exchanges.HoldAsync(network, way, connections, open, cancellation);
            var full = ProcessMemory.Of(process);
            return new CaseOutcome(
                before.And(load),
                [
                    new Sample(Idle, idle.ProportionalBytes / Mebibyte),
                    new Sample(IdleAnonymous, idle.AnonymousBytes / Mebibyte),
                    new Sample(each, (full.ProportionalBytes - idle.ProportionalBytes) / Kibibyte / connections),
                ]);
        }
        finally
        {
            open.ForEach(connection => connection.Dispose());
        }
    }
}
