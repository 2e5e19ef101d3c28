using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Lab;

public sealed class PathTests : LabFixture
{
    private const int Datagrams = 2000;

    [TestCase("one-proxy", "http://198.18.11.2")]
    [TestCase("one-proxy", "http://[2001:db8:11::2]")]
    [TestCase("off-path-second-access", "http://198.18.11.2")]
    [TestCase("off-path-second-access", "http://[2001:db8:11::2]")]
    [TestCase("three-proxies", "http://198.18.11.2")]
    [TestCase("three-proxies", "http://[2001:db8:11::2]")]
    public async Task Capable_peers_use_both_accesses(string topology, string url)
    {
        var lab = await UpAsync(topology, new LabOptions { Rates = Rates(("wifi", "50mbit"), ("lte", "50mbit")) });

        var download = await lab["client"].RunAsync(
            "mptcpize", "run", "curl", "-sSgf", "-o", "/dev/null", "-w", "%{speed_download}", $"{url}/bytes/10m");

        Assert.That(await CounterAsync(lab["capable"], "MPTcpExtMPJoinAckRx"), Is.EqualTo(1));
        Assert.That(await ReceivedBytesAsync(lab["client"], "lte"), Is.GreaterThan(2_000_000));
        Assert.That(BitsPerSecond(download), Is.GreaterThan(60_000_000));
    }

    [Test]
    public async Task A_legacy_server_answers_mptcp_with_tcp()
    {
        var lab = await UpAsync("one-proxy");

        var answer = await lab["client"].RunAsync("mptcpize", "run", "curl", "-sSf", "http://198.18.10.2/");

        Assert.That(answer.RequireSuccess(), Is.EqualTo("legacy server legacy\n"));
        Assert.That(await CounterAsync(lab["client"], "MPTcpExtMPCapableSYNTX"), Is.EqualTo(1));
        Assert.That(await CounterAsync(lab["client"], "MPTcpExtMPCapableSYNACKRX"), Is.Zero);
    }

    [Test]
    public async Task A_rate_is_in_force_in_both_directions()
    {
        var lab = await UpAsync("one-proxy", new LabOptions { Rates = Rates(("wifi", "40mbit")) });
        var file = Path.Combine(lab.ContentDirectory, "10m");

        var down = await lab["client"].RunAsync(
            "curl", "-sSf", "-o", "/dev/null", "-w", "%{speed_download}", "http://198.18.10.2/bytes/10m");
        var up = await lab["client"].RunAsync(
            "curl", "-sSf", "-T", file, "-w", "%{speed_upload}", "http://198.18.10.2/upload/sent");

        Assert.That(BitsPerSecond(down), Is.InRange(20_000_000, 42_000_000));
        Assert.That(BitsPerSecond(up), Is.InRange(20_000_000, 42_000_000));
    }

    [Test]
    public async Task Loss_is_in_force()
    {
        var lab = await UpAsync("one-proxy",
            new LabOptions { StartServers = false, Losses = new Dictionary<string, double> { ["wifi"] = 0.25 } });
        using var receiver = lab["box"].InNamespace(() => Bound(IPAddress.Parse("198.18.1.1")));
        using var sender = lab["client"].InNamespace(() => Bound(IPAddress.Parse("198.18.1.2")));
        var received = 0;

        for (var index = 0; index < Datagrams; index++)
        {
            await sender.SendToAsync(new byte[1], receiver.LocalEndPoint!);
            received += Drain(receiver);
        }
        await Condition.WaitAsync(
            async () => (received += Drain(receiver)) + await DroppedAsync(lab["box"]) >= Datagrams,
            Patience, "every datagram has arrived or is lost");

        // Six standard deviations to each side.
        Assert.That(received, Is.InRange(Datagrams * 0.69, Datagrams * 0.81));
    }

    [Test]
    public async Task A_cut_link_is_silent_until_it_is_restored()
    {
        var lab = await UpAsync("one-proxy");
        string[] ask = ["curl", "-sSf", "--connect-timeout", "0.3", "http://198.18.10.2/whoami"];

        await lab.CutAsync("wifi");
        var cut = await lab["client"].RunAsync(ask, null, CancellationToken.None);
        await lab.RestoreAsync("wifi");
        var restored = await lab["client"].RunAsync(ask, null, CancellationToken.None);

        Assert.That(cut.ExitCode, Is.EqualTo(28), "curl's code for a timeout");
        Assert.That(restored.ExitCode, Is.Zero);
    }

    private static Dictionary<string, LinkRate> Rates(params (string Link, string Rate)[] rates) =>
        rates.ToDictionary(entry => entry.Link,
            entry => LinkRate.TryParse(entry.Rate, out var rate) ? rate : throw new ArgumentException(entry.Rate));

    private static Socket Bound(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static int Drain(Socket socket)
    {
        var count = 0;
        for (var buffer = new byte[16]; socket.Available > 0; count++)
            socket.Receive(buffer);
        return count;
    }

    private static async Task<long> DroppedAsync(LabHost host)
    {
        var listing = (await host.RunAsync("iptables", "-w", "-t", "raw", "-nvxL", "PREROUTING")).RequireSuccess();
        return long.Parse(listing.Split('\n').Single(line => line.Contains("DROP", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
    }

    private static double BitsPerSecond(CommandResult curl) =>
        double.Parse(curl.RequireSuccess(), CultureInfo.InvariantCulture) * 8;

    private static async Task<long> CounterAsync(LabHost host, string name)
    {
        var output = (await host.RunAsync("nstat", "-asz", "-j", name)).RequireSuccess();
        return JsonElement.Parse(output).GetProperty("kernel").GetProperty(name).GetInt64();
    }

    private static async Task<long> ReceivedBytesAsync(LabHost host, string device)
    {
        var output = (await host.RunAsync("ip", "-j", "-s", "link", "show", device)).RequireSuccess();
        return JsonElement.Parse(output)[0].GetProperty("stats64").GetProperty("rx").GetProperty("bytes").GetInt64();
    }
}
