using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>Servers see the clients' own addresses and ports (RFC 8803 section 4.4.1), where the way back from them leads through the box.</summary>
public sealed class PreservedAddressTests : ConverterFixture
{
    protected override Dictionary<string, string> Settings => new() { ["Middlebox:Converter:PreserveClientAddress"] = "true" };

    // What the server sends is routed by way of the box.
    protected override async Task PrepareAsync()
    {
        foreach (var (family, via) in new[] { ("-4", "198.18.3.2"), ("-6", "2001:db8:3::2") })
        {
            (await Core.RunAsync("ip", family, "rule", "add", "iif", "legacy", "table", "77")).RequireSuccess();
            (await Core.RunAsync("ip", family, "route", "add", "default", "via", via, "table", "77")).RequireSuccess();
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_sees_address_and_port_of_the_first_subflow(AddressFamily family)
    {
        var (connection, answer) = await ConvertAsync(family, "legacy");
        using var _ = connection;
        Assert.That(ConvertOctets.Kinds(ConvertOctets.Find(answer, ConvertOctets.Extended)), Does.Contain(2));
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);
        foreach (var (from, to) in new[] { (connection.Client, connection.Server), (connection.Server, connection.Client) })
        {
            var receiving = ByteStream.ReceiveAsync(to, Deadline, atMost: 5_000_000);
            Assert.That(await ByteStream.SendAsync(from, 5_000_000, Deadline), Is.EqualTo(await receiving));
        }

        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress), "whatever access the data came over");
    }

    // Section 4.4.1: what belongs to no converted connection is forwarded.
    [Test]
    public async Task Connection_past_the_converter_is_left_alone()
    {
        using var connection = await ConnectAsync(AddressFamily.InterNetwork, port: NewPort());
        await connection.GreetAsync(Deadline);
        Assert.That(await Box.FlowsAsync(Deadline), Is.Empty);
    }
}
