using System.Net.Sockets;
using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Explicit;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.ConvertedHost;

/// <summary>A converter that the host knows by its IPv4 address alone.</summary>
public sealed class OtherFamilyTests : ConvertedHostFixture
{
    private BoxConfiguration? _ofClient;

    [OneTimeTearDown]
    public void RemoveConfiguration() => _ofClient?.Dispose();

    [Test]
    public async Task Ipv6_server_is_reached_through_an_ipv4_converter()
    {
        var sent = await CountAsync("sent");
        Assert.That(await SeenFromAsync(AddressFamily.InterNetworkV6, "legacy"), Is.EqualTo($"{Lab.AddressOf("proxy", AddressFamily.InterNetworkV6)}"));
        Assert.That(await CountAsync("sent"), Is.EqualTo(sent + 1));
    }

    protected override Topology Adapt(Topology shipped) => shipped with { Boxes = [.. shipped.Boxes.Select(box => box.Host == "client" ? KnowIpv4Only(box) : box)] };

    private BoxPlacement KnowIpv4Only(BoxPlacement box)
    {
        _ofClient ??= new BoxConfiguration(box.Configuration);
        _ofClient.Write(section => section["HostProxy"]!["Proxies"] = new JsonArray("198.18.3.2:5124"));
        return box with { Configuration = _ofClient.FilePath };
    }
}
