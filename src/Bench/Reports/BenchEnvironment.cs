using System.Runtime.InteropServices;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Reports;

/// <summary>What the figures depend on beside the programs measured.</summary>
/// <param name="Time">When the benchmark ended.</param>
/// <param name="Kernel">Release of the kernel.</param>
/// <param name="Processor">Its name, if the kernel tells.</param>
/// <param name="Cores">Processors that all programs share.</param>
/// <param name="CongestionControl">Of all hosts.</param>
/// <param name="Haproxy">HAProxy's version.</param>
/// <param name="Iperf3">iperf3's version.</param>
/// <param name="Runtime">.NET's version.</param>
public sealed record BenchEnvironment(
    DateTimeOffset Time,
    string Kernel,
    string Processor,
    int Cores,
    string CongestionControl,
    string Haproxy,
    string Iperf3,
    string Runtime)
{
    internal static async Task<BenchEnvironment> ReadAsync(BenchNetwork network, CancellationToken cancellation) => new(
        DateTimeOffset.UtcNow,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[1].Trim() ?? "unknown",
        Environment.ProcessorCount,
        network.CongestionControl,
        await FirstLineAsync(network, ["haproxy", "-v"], cancellation),
        await FirstLineAsync(network, ["iperf3", "--version"], cancellation),
        RuntimeInformation.FrameworkDescription);

    private static async Task<string> FirstLineAsync(BenchNetwork network, string[] command, CancellationToken cancellation) =>
        (await network["client"].RunAsync(command, input: null, cancellation)).Output.Split('\n')[0].Split(" - ")[0];
}
