using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Transfers;

/// <summary>An MPTCP client and a legacy server, through the box.</summary>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class TransferTests(string topology) : ServingLabFixture(topology)
{
    private const long Amount = 100_000_000;

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_100_MB_in_both_directions_at_once_arrive_byte_exact(AddressFamily family)
    {
        var before = await IdleAsync();
        using var connection = await ConnectOverBothAccessesAsync(family);
        var flow = await FlowAsync(subflows: 2);
        var up = ByteStream.ReceiveAsync(connection.Server, Deadline);
        var down = ByteStream.ReceiveAsync(connection.Client, Deadline);

        var sent = await Task.WhenAll(
            ByteStream.SendAllAsync(connection.Client, Amount, Deadline),
            ByteStream.SendAllAsync(connection.Server, Amount, Deadline));

        Assert.That(await up, Is.EqualTo(sent[0]));
        Assert.That(await down, Is.EqualTo(sent[1]));
        Assert.That(flow.IsMptcp, Is.True);
        Assert.That(flow.Reason, Is.EqualTo("serverLegacy"));
        var after = await IdleAsync();
        Assert.That(after.Released("adopted") - before.Released("adopted"), Is.EqualTo(1));
        Assert.That(after.Ended("finished") - before.Ended("finished"), Is.EqualTo(1));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_sees_the_client_and_client_sees_the_server(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);

        var flow = await FlowAsync(subflows: 2);

        Assert.That(
            connection.ClientAddressAtServer,
            Is.EqualTo(new IPEndPoint(AddressAtServer(family), connection.ClientAddress.Port)));
        Assert.That(connection.ClientAddress.Address, Is.EqualTo(Lab.AddressOf("client", family)));
        Assert.That(flow.Client, Is.EqualTo(connection.ClientAddress.ToString()));
        Assert.That(flow.Server, Is.EqualTo(Lab.EndpointOf("legacy", family, 7000).ToString()));
        Assert.That(flow.Subflows.Select(subflow => subflow.Local), Is.All.EqualTo(flow.Server));
        Assert.That(flow.Subflows.Select(subflow => subflow.Remote), Has.One.EqualTo(flow.Client));
        Assert.That(
            flow.Subflows.Select(subflow => subflow.Remote),
            Has.One.StartsWith(AddressText(Lab.AddressOf("client", family, "lte"))));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_flow_counts_its_bytes_per_direction(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);

        await ByteStream.SendAsync(connection.Client, 12_345, Deadline);
        await ByteStream.SendAsync(connection.Server, 678, Deadline);
        await ByteStream.ReceiveAsync(connection.Server, Deadline, atMost: 12_345);
        await ByteStream.ReceiveAsync(connection.Client, Deadline, atMost: 678);

        var flow = await FlowAsync(subflows: 2);
        Assert.That((flow.BytesUp, flow.BytesDown), Is.EqualTo((12_345L, 678L)));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_nginx_serves_and_takes_files_of_curl_over_mptcp(AddressFamily family)
    {
        var url = Lab.UrlOf("legacy", family);
        var file = Path.Combine(Lab.ContentDirectory, "10m");
        var copy = Path.Combine(Client.RuntimeDirectory, $"copy-{family}");
        Directory.CreateDirectory(Client.RuntimeDirectory);
        var before = await IdleAsync();

        var whoami = await Curl($"{url}/whoami");
        await Curl("-o", copy, $"{url}/bytes/10m");
        await Curl("-T", file, $"{url}/upload/{family}");

        Assert.That(whoami, Does.StartWith($"{AddressAtServer(family)} "));
        Assert.That(Digest(copy), Is.EqualTo(Digest(file)));
        Assert.That(Digest(Path.Combine(Legacy.UploadDirectory, $"{family}")), Is.EqualTo(Digest(file)));
        Assert.That((await IdleAsync()).TotalFlows - before.TotalFlows, Is.EqualTo(3));
    }

    /// <summary>The client's own address, unless the administrator has the box masquerade.</summary>
    private IPAddress AddressAtServer(AddressFamily family) => TopologyName == "masquerade"
        ? Lab.AddressOf("box", family, "legacy")
        : Lab.AddressOf("client", family);

    private static string AddressText(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? $"{address}:" : $"[{address}]:";

    private static string Digest(string path) =>
        Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));

    private async Task<string> Curl(params string[] arguments) =>
        (await Client.RunAsync(["mptcpize", "run", "curl", "-sSgf", .. arguments], null, Deadline)).RequireSuccess();
}
