using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Middlebox.Lab;
using Middlebox.Lab.Topologies;
using Middlebox.Negotiation;

namespace Middlebox.Appliance.Commands.Demo;

/// <summary>
/// Runs the demonstration in a lab of its own: real clients (curl), real servers (nginx), two accesses of 50 Mbit/s. What it
/// reports it has read from the box, the servers and the interfaces' counters.
/// </summary>
internal sealed class DemoRun : IAsyncDisposable
{
    /// <summary>Rate of each access.</summary>
    public const int AccessMbps = 50;

    /// <summary>Bytes moved each way in a case.</summary>
    public const int TransferBytes = 30_000_000;

    // Both accesses together less headers and slow start; one access can never carry more than its rate.
    private const double BothPathsAtLeastMbps = 85;
    private const double OnePathAtMostMbps = AccessMbps;
    private const int RefusalAttempts = 15;

    private readonly Laboratory _lab;
    private readonly string _uploadSource;

    private DemoRun(Laboratory lab, string uploadSource)
    {
        _lab = lab;
        _uploadSource = uploadSource;
    }

    /// <summary>The lab's topology, for the drawing.</summary>
    public Topology Topology => _lab.Topology;

    public static IReadOnlyList<DemoCase> Cases { get; } =
    [
        new("MPTCP client, legacy server, without the box", "legacy", false, true, false, DemoExpectation.OnePath),
        new("MPTCP client, legacy server", "legacy", false, true, true, DemoExpectation.BothPathsByBox),
        new("the same over IPv6", "legacy", true, true, true, DemoExpectation.BothPathsByBox),
        new("MPTCP client, MPTCP server", "capable", false, true, true, DemoExpectation.BothPathsEndToEnd),
        new("TCP client, legacy server", "legacy", false, false, true, DemoExpectation.OnePath),
    ];

    /// <summary>Builds the lab; its box does not serve yet.</summary>
    public static async Task<DemoRun> BuildAsync(Topology topology, IProgress<string> progress, CancellationToken cancellation)
    {
        var rate = new LinkRate(AccessMbps * 1_000_000L);
        var options = new LabOptions
        {
            InstanceName = $"demo{Environment.ProcessId}",
            StartBoxes = false,
            Rates = new Dictionary<string, LinkRate> { ["wifi"] = rate, ["lte"] = rate },
        };
        var lab = await Laboratory.UpAsync(topology, options, progress, cancellation);
        var upload = Path.Combine(lab.ContentDirectory, "upload");
        await File.WriteAllBytesAsync(upload, await ContentAsync(lab, cancellation), cancellation);
        return new DemoRun(lab, upload);
    }

    public async Task<DemoResult> RunAsync(DemoCase demo, CancellationToken cancellation)
    {
        await SetBoxAsync(demo.WithBox, cancellation);
        var before = await DecisionsAsync(demo.WithBox, cancellation);
        var secondPathBefore = SecondAccessBytes();

        var url = UrlOf(demo);
        var received = Path.Combine(_lab.ContentDirectory, "received");
        var down = await CurlAsync(
            demo,
            ["-r", $"0-{TransferBytes - 1}", "-o", received, $"{url}/bytes/100m", "-o", "-", $"{url}/whoami"],
            "\\n%{local_ip} %{local_port} %{remote_ip} %{remote_port} %{speed_download}\\n",
            cancellation);
        var secondPath = SecondAccessBytes() - secondPathBefore;
        var up = await CurlAsync(
            demo, ["-o", "/dev/null", "-T", _uploadSource, $"{url}/upload/demo"], "%{speed_upload}\\n", cancellation);

        // curl writes the report of the first transfer, the server's answer, and the report of the second.
        var first = down[0].Split(' ');
        var serverSaw = down[1].Split(' ');
        var result = new DemoResult(
            demo,
            Describe(demo, before, await DecisionsAsync(demo.WithBox, cancellation)),
            Mbps(first[4]),
            Mbps(up[0]),
            (double)secondPath / TransferBytes,
            $"{first[0]}:{first[1]}",
            $"{serverSaw[0]}:{serverSaw[1]}",
            $"{first[2]}:{first[3]}",
            []);
        var sent = Path.Combine(_lab[demo.Server].UploadDirectory, "demo");
        return result with { Faults = [.. Faults(result), .. await DamageAsync([received, sent], cancellation)] };
    }

    /// <summary>Compares a closed port with and without the box, one attempt of each after the other.</summary>
    public async Task<DemoRefusal> RefuseAsync(CancellationToken cancellation)
    {
        List<TimeSpan> with = [], without = [];
        var refused = true;
        foreach (var (serving, times) in new[] { (false, without), (true, with) })
        {
            await SetBoxAsync(serving, cancellation);
            for (var i = 0; i < RefusalAttempts; i++)
                refused &= await IsRefusedAsync(times, cancellation);
        }

        return new DemoRefusal(Median(with), Median(without), refused);
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private static IEnumerable<string> Faults(DemoResult result)
    {
        if (result.ServerSaw != result.ClientIs)
            yield return $"the server saw {result.ServerSaw}, the client is {result.ClientIs}";
        if (result.Case.Expected == DemoExpectation.OnePath)
        {
            if (result.DownMbps > OnePathAtMostMbps || result.UpMbps > OnePathAtMostMbps)
                yield return $"faster than one access of {AccessMbps} Mbit/s can be";
            yield break;
        }

        if (result.DownMbps < BothPathsAtLeastMbps)
            yield return $"{result.DownMbps:0} Mbit/s down is less than {BothPathsAtLeastMbps}";
        if (result.UpMbps < BothPathsAtLeastMbps)
            yield return $"{result.UpMbps:0} Mbit/s up is less than {BothPathsAtLeastMbps}";
        var decided = result.Case.Expected == DemoExpectation.BothPathsByBox ? Acted : SteppedOut;
        if (result.Decision != decided)
            yield return $"expected '{decided}'";
    }

    private static string Acted => $"acted: {Reason.ServerLegacy.Describe()}";

    private static string SteppedOut => $"stepped out: {Reason.ServerCapable.Describe()}";

    private static string Describe(DemoCase demo, Decisions before, Decisions after)
    {
        if (!demo.WithBox)
            return "not running";
        if (after.Adopted > before.Adopted)
            return Acted;
        return after.ServerCapable > before.ServerCapable ? SteppedOut : $"untouched: {Reason.NotMptcp.Describe()}";
    }

    private static double Mbps(string bytesPerSecond) => double.Parse(bytesPerSecond, CultureInfo.InvariantCulture) * 8 / 1e6;

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static async Task<byte[]> ContentAsync(Laboratory lab, CancellationToken cancellation)
    {
        var content = new byte[TransferBytes];
        await using var file = File.OpenRead(Path.Combine(lab.ContentDirectory, "100m"));
        await file.ReadExactlyAsync(content, cancellation);
        return content;
    }

    private async Task SetBoxAsync(bool serving, CancellationToken cancellation)
    {
        var box = _lab["box"];
        if (serving && box.BoxProcessId is null)
            await box.StartBoxAsync(cancellation);
        else if (!serving && box.BoxProcessId is not null)
            await box.StopBoxAsync(cancellation);
    }

    private async Task<Decisions> DecisionsAsync(bool withBox, CancellationToken cancellation)
    {
        if (!withBox)
            return default;
        // Whether the handshake was completed is told by another thread, within a tenth of a second.
        JsonElement contexts = default;
        await Condition.WaitAsync(
            async () =>
            {
                contexts = (await _lab["box"].BoxStatusAsync(cancellation)).GetProperty("contexts");
                return contexts.GetProperty("current").GetInt64() == 0;
            },
            TimeSpan.FromSeconds(5),
            "the box has settled all its contexts",
            cancellation);
        var released = contexts.GetProperty("released");
        return new Decisions(CountOf(released, "adopted"), CountOf(released, "serverCapable"));

        static long CountOf(JsonElement counts, string reason) =>
            counts.TryGetProperty(reason, out var count) ? count.GetInt64() : 0;
    }

    private long SecondAccessBytes() => _lab["client"].InNamespace(() =>
        long.Parse(File.ReadLines("/proc/thread-self/net/dev").Select(line => line.Split(':')).First(parts => parts[0].Trim() == "lte")[1]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));

    private async Task<string[]> CurlAsync(
        DemoCase demo, IEnumerable<string> arguments, string format, CancellationToken cancellation)
    {
        string[] command = ["curl", "-sS", "-g", "--fail", "--max-time", "30", "-w", format, .. arguments];
        if (demo.MptcpClient)
            command = ["mptcpize", "run", .. command];
        var result = await _lab["client"].RunAsync(command, input: null, cancellation);
        return result.RequireSuccess().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task<IEnumerable<string>> DamageAsync(string[] files, CancellationToken cancellation)
    {
        var expected = SHA256.HashData(await File.ReadAllBytesAsync(_uploadSource, cancellation));
        List<string> damage = [];
        foreach (var file in files)
        {
            if (!SHA256.HashData(await File.ReadAllBytesAsync(file, cancellation)).AsSpan().SequenceEqual(expected))
                damage.Add($"{Path.GetFileName(file)} bytes are not those that were sent");
        }

        return damage;
    }

    private async Task<bool> IsRefusedAsync(List<TimeSpan> times, CancellationToken cancellation)
    {
        const int ClosedPort = 81;
        using var socket = _lab["client"].CreateTcpSocket(AddressFamily.InterNetwork, mptcp: true);
        var clock = Stopwatch.StartNew();
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(AddressOf("legacy", isIpv6: false)), ClosedPort, cancellation);
            return false;
        }
        catch (SocketException failure)
        {
            times.Add(clock.Elapsed);
            return failure.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    private string UrlOf(DemoCase demo)
    {
        var address = AddressOf(demo.Server, demo.IsIpv6);
        return demo.IsIpv6 ? $"http://[{address}]" : $"http://{address}";
    }

    private string AddressOf(string server, bool isIpv6) => Topology.EndsOf(server)
        .SelectMany(end => end.Addresses).First(address => address.IsIPv6 == isIpv6).Address.ToString();

    private readonly record struct Decisions(long Adopted, long ServerCapable);
}
