using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>A pool of source addresses, of which a client always has the same one (RFC 8803 section 4.3: "paired", RFC 4787 section 4.1).</summary>
public sealed class SourceAddressTests : ConverterFixture
{
    private static readonly string[] Pool = ["198.18.3.7", "198.18.3.8"];

    protected override Dictionary<string, string> Settings => new()
    {
        ["Middlebox:Converter:SourceAddresses:0"] = Pool[0],
        ["Middlebox:Converter:SourceAddresses:1"] = Pool[1],
    };

    protected override async Task PrepareAsync()
    {
        foreach (var address in Pool)
            (await Box.RunAsync("ip", "address", "add", $"{address}/24", "dev", "core")).RequireSuccess();
    }

    [Test]
    public async Task Client_has_one_address_of_the_pool_towards_all_servers()
    {
        var (first, _) = await ConvertAsync(AddressFamily.InterNetwork, "legacy");
        var (second, _) = await ConvertAsync(AddressFamily.InterNetwork, "capable");
        using var firstConnection = first;
        using var secondConnection = second;
        var address = first.ClientAddressAtServer.Address;
        Assert.That(Pool, Does.Contain(address.MapToIPv4().ToString()));
        Assert.That(second.ClientAddressAtServer.Address, Is.EqualTo(address));
        await first.GreetAsync(Deadline);
    }

    [Test]
    public async Task Family_without_an_address_in_the_pool_has_that_of_the_route()
    {
        var (connection, _) = await ConvertAsync(AddressFamily.InterNetworkV6, "legacy");
        using var both = connection;
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", AddressFamily.InterNetworkV6)));
    }
}
