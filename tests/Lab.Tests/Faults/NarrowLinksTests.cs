using System.Globalization;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Survival;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>All links around the box carry 576 octets, or now as many and now 1500. IPv4 only: IPv6 asks for 1280 (RFC 8200 section 5).</summary>
public sealed class NarrowLinksTests() : ServingLabFixture("one-proxy")
{
    private const int Narrow = 576;
    private const int Wide = 1500;
    private const int Changes = 6;
    private const long Amount = 1_000_000;

    [TearDown]
    public Task Widen() => SetMtuAsync(Wide);

    [Test]
    public async Task Links_of_576_octets_transfers_both_ways_arrive_byte_exact()
    {
        await SetMtuAsync(Narrow);
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);

        var up = ByteStream.ReceiveAsync(connection.Server, Deadline);
        var down = ByteStream.ReceiveAsync(connection.Client, Deadline);
        var sent = await Task.WhenAll(
            ByteStream.SendAllAsync(connection.Client, Amount, Deadline), ByteStream.SendAllAsync(connection.Server, Amount, Deadline));

        Assert.That(await up, Is.EqualTo(sent[0]));
        Assert.That(await down, Is.EqualTo(sent[1]));
    }

    [Test]
    public async Task MTU_changes_during_transfers_all_bytes_arrive()
    {
        using var transfer = new Transfer(
            await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork), TimeSpan.FromMilliseconds(20), Deadline);
        for (var i = 0; i < Changes; i++)
        {
            await SetMtuAsync(i % 2 == 0 ? Narrow : Wide);
            var seen = transfer.Received;
            await Condition.WaitAsync(() => transfer.Received > seen + Amount, Patience, "the transfers go on", Deadline);
        }

        await transfer.FinishAsync();
    }

    private Task SetMtuAsync(int bytes)
    {
        string[] links = ["wifi", "lte", "backhaul", "legacy"];
        return Task.WhenAll(Lab.Topology.Links.Where(link => links.Contains(link.Name)).SelectMany(link => new[] { link.Left, link.Right }).Select(
            async end => (await Lab[end.Host].RunAsync(
                "ip", "link", "set", "dev", end.Device, "mtu", bytes.ToString(CultureInfo.InvariantCulture))).RequireSuccess()));
    }
}
