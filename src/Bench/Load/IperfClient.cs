using System.Globalization;
using System.Net;
using System.Text.Json;
using Middlebox.Lab;

namespace Middlebox.Bench.Load;

/// <summary>Runs iperf3 to its end.</summary>
internal static class IperfClient
{
    /// <summary>Moves data for a time.</summary>
    /// <param name="client">The host to run on.</param>
    /// <param name="mptcp">Whether it opens MPTCP sockets, by mptcpize(8).</param>
    /// <param name="server">The server's address.</param>
    /// <param name="flows">Streams at a time.</param>
    /// <param name="down">From the server to the client.</param>
    /// <param name="seconds">Whole seconds.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <exception cref="LabException">It failed; the message is its own.</exception>
    public static async Task<IperfResult> RunAsync(
        LabHost client, bool mptcp, IPAddress server, int flows, bool down, int seconds, CancellationToken cancellation)
    {
        string[] command =
        [
            .. mptcp ? ["mptcpize", "run"] : Array.Empty<string>(), "iperf3", "-c", server.ToString(), "-J",
            "-t", seconds.ToString(CultureInfo.InvariantCulture), "-P", flows.ToString(CultureInfo.InvariantCulture),
            .. down ? ["-R"] : Array.Empty<string>(),
        ];
        var result = await client.RunAsync(command, input: null, cancellation);
        var report = Parse(result);
        if (report.TryGetProperty("error", out var error))
            throw new LabException($"iperf3 to {server}: {error.GetString()}");
        var received = report.GetProperty("end").GetProperty("sum_received");
        var clients = default(PeerTally);
        foreach (var stream in report.GetProperty("start").GetProperty("connected").EnumerateArray())
        {
            clients = clients.With(new IPEndPoint(
                IPAddress.Parse(stream.GetProperty("local_host").GetString()!), stream.GetProperty("local_port").GetInt32()));
        }

        return new IperfResult(
            clients, received.GetProperty("bytes").GetDouble(), received.GetProperty("bits_per_second").GetDouble());
    }

    private static JsonElement Parse(CommandResult result)
    {
        try
        {
            return JsonElement.Parse(result.Output);
        }
        catch (JsonException exception)
        {
            throw new LabException($"iperf3 ended with code {result.ExitCode}: {result.Error.Trim()}", exception);
        }
    }
}
