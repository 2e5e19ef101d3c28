using System.Net;
using Middlebox.Bench.Load;
using Middlebox.Bench.Ways;
using Middlebox.Native;

namespace Middlebox.Bench.Figures;

/// <summary>Runs loads of one-byte connections on a way, with what both ends saw of them.</summary>
internal static class Exchanges
{
    private const int AtATimeWhileOpening = 32;

    /// <summary>Runs connections for a time, so many at once.</summary>
    public static Task<(ExchangeResult Result, LoadEvidence Evidence, Latencies Latencies)> RunAsync(
        BenchNetwork network, Way way, int atATime, TimeSpan duration, CancellationToken cancellation) =>
        RunAsync(network, way, atATime, keep: null, loop => loop.RunFor(duration), cancellation);

    /// <summary>Opens connections that have exchanged one byte each way and stay open until the list is disposed of by the caller.</summary>
    public static async Task<LoadEvidence> HoldAsync(
        BenchNetwork network, Way way, int connections, List<FileDescriptor> held, CancellationToken cancellation) =>
        (await RunAsync(network, way, AtATimeWhileOpening, held, loop => loop.RunCount(connections), cancellation)).Evidence;

    private static async Task<(ExchangeResult Result, LoadEvidence Evidence, Latencies Latencies)> RunAsync(
        BenchNetwork network,
        Way way,
        int atATime,
        List<FileDescriptor>? keep,
        Func<ExchangeLoop, ExchangeResult> load,
        CancellationToken cancellation)
    {
        var latencies = new Latencies();
        var echo = network.EchoServer(way);
        var before = echo.Tally;
        var result = network[way.Client].InNamespace(() =>
        {
            using var loop = new ExchangeLoop(
                way.MptcpClient, network.Sources(way), AddressOf(network.ServerAddress(way)), atATime, latencies, keep);
            return load(loop);
        });
        var seen = await echo.SinceAsync(before, result.Client.Count, cancellation);
        return (result, new LoadEvidence(result.Client, seen, result.Failures, result.FirstFailure), latencies);
    }

    /// <summary>The echo server's socket address.</summary>
    public static sockaddr AddressOf(IPAddress server) => sockaddr.From(server.GetAddressBytes(), BenchNetwork.EchoPort);
}
