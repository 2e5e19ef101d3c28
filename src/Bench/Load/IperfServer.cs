using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Middlebox.Lab;

namespace Middlebox.Bench.Load;

/// <summary>An iperf3 server, which writes down where its streams come from.</summary>
internal sealed partial class IperfServer
{
    /// <summary>Its port.</summary>
    public const int Port = 5201;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly BackgroundProcess _process;

    private IperfServer(BackgroundProcess process) => _process = process;

    /// <summary>Starts it and returns when it listens.</summary>
    /// <param name="host">A host of a lab.</param>
    /// <param name="mptcp">Whether it listens on an MPTCP socket, by mptcpize(8).</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<IperfServer> StartAsync(LabHost host, bool mptcp, CancellationToken cancellation)
    {
        string[] command = [.. mptcp ? ["mptcpize", "run"] : Array.Empty<string>(), "iperf3", "-s", "-4", "--forceflush"];
        var process = host.Start(command[0], command[1..]);
        var server = new IperfServer(process);
        await Condition.WaitAsync(
            () => process.HasExited || process.ReadLog().Contains("Server listening", StringComparison.Ordinal),
            Patience, $"iperf3 on {host.Name} listens", cancellation);
        return process.HasExited ? throw new LabException($"iperf3 on {host.Name} ended:\n{process.ReadLog()}") : server;
    }

    /// <summary>Waits until it has done with an earlier client, because it serves one at a time, and tells where its log ends then.</summary>
    /// <exception cref="TimeoutException">It goes on.</exception>
    public async Task<int> WhenIdleAsync(CancellationToken cancellation)
    {
        var log = "";
        await Condition.WaitAsync(
            () =>
            {
                log = _process.ReadLog();
                return log.LastIndexOf("Server listening", StringComparison.Ordinal)
                    > log.LastIndexOf("Accepted connection", StringComparison.Ordinal);
            },
            Patience, "iperf3 has done with its last client", cancellation);
        return log.Length;
    }

    /// <summary>The clients' endpoints of the streams since a place in its log, once there are as many as expected or they do not come.</summary>
    public async Task<PeerTally> SinceAsync(int logLength, int expected, CancellationToken cancellation)
    {
        var tally = default(PeerTally);
        try
        {
            await Condition.WaitAsync(
                () => (tally = Read(_process.ReadLog()[logLength..])).Count >= expected, Patience, "iperf3 has seen all streams", cancellation);
        }
        catch (TimeoutException)
        {
            // The proof of the run compares both sides and tells the difference.
        }

        return tally;
    }

    private static PeerTally Read(string log)
    {
        var tally = default(PeerTally);
        foreach (Match stream in Stream().Matches(log))
        {
            tally = tally.With(new IPEndPoint(
                IPAddress.Parse(stream.Groups["address"].Value), int.Parse(stream.Groups["port"].Value, CultureInfo.InvariantCulture)));
        }

        return tally;
    }

    // "[  5] local 198.18.11.2 port 5201 connected to 198.18.1.2 port 58946"
    [GeneratedRegex(@"\] local \S+ port \d+ connected to (?<address>\S+) port (?<port>\d+)")]
    private static partial Regex Stream();
}
