using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Appliance.Control;
using Middlebox.Bench.Proof;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>Looks at a kept box from outside. Nothing here fails while a daemon dies.</summary>
internal sealed class SoakProbe(LabHost box, SoakTally tally)
{
    /// <summary>What is there now.</summary>
    public async Task<SoakSample> ReadAsync(double second, CancellationToken cancellation)
    {
        var bytes = tally.Bytes;
        try
        {
            if (box.BoxProcessId is not { } keeper || box.DaemonProcessId is not { } daemon)
                return Nothing();
            var status = JsonElement.Parse(await ControlClient.AskAsync(box.BoxControlSocket, ControlProtocol.Status, cancellation));
            return new SoakSample(
                second,
                bytes,
                status.GetProperty("contexts").GetProperty("current").GetInt64(),
                status.GetProperty("flows").GetProperty("active").GetInt64(),
                Directory.GetFiles($"/proc/{daemon}/fd").Length,
                ProcessMemory.Of(keeper).AnonymousBytes + ProcessMemory.Of(daemon).AnonymousBytes,
                SocketsOf(daemon));
        }
        catch (Exception failure) when (failure is ControlException or IOException or LabException or SocketException or JsonException or UnauthorizedAccessException)
        {
            return Nothing();
        }

        SoakSample Nothing() => new(second, bytes, null, null, null, null, null);
    }

    /// <summary>The rules of both families without counters.</summary>
    public async Task<string> RulesAsync()
    {
        var both = (await box.RunAsync("iptables-save")).RequireSuccess() + (await box.RunAsync("ip6tables-save")).RequireSuccess();
        return string.Join('\n', both.Split('\n').Where(line => !line.StartsWith('#')).Select(line => line.StartsWith(':') ? line.Split('[')[0] : line));
    }

    // "TCP: inuse 5 orphan 0 ..." and "TCP6: inuse 2", which leave out TIME-WAIT.
    private static long SocketsOf(int process) =>
        File.ReadLines($"/proc/{process}/net/sockstat").Concat(File.ReadLines($"/proc/{process}/net/sockstat6"))
            .Where(line => line.StartsWith("TCP", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture));
}
