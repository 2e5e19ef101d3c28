using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Bonding;

/// <summary>
/// Plain TCP at both ends, two links of 50 Mbit/s between two boxes, congestion control reno. A third box between the two, on one of the
/// links, makes no difference.
/// </summary>
[NonParallelizable]
[TestFixture(false)]
[TestFixture(true)]
public sealed class BondedLinksTests(bool hasThirdBox) : BondingFixture(hasThirdBox)
{
    private const long RateAmount = 25_000_000;
    private const double BothLinks = 85e6;

    protected override LabOptions Options =>
        new() { Rates = new Dictionary<string, LinkRate> { ["dsl"] = Rate("50mbit"), ["lte"] = Rate("50mbit") } };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Address_and_port_of_the_client_are_kept_end_to_end(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);

        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        Assert.That((await Box.FlowsAsync(Deadline)).Single().Reason, Is.EqualTo("serverKnownCapable"));
        var other = (await Acting.FlowsAsync(Deadline)).Single();
        Assert.That((other.IsMptcp, other.Reason, other.Subflows.Count), Is.EqualTo((true, "serverLegacy", 2)));
        await RequireNothingOfThirdBoxAsync();
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Both_links_are_used_in_full_each_way(AddressFamily family)
    {
        await RequireBothLinksAsync(family, connection => (connection.Client, connection.Server));
        await RequireBothLinksAsync(family, connection => (connection.Server, connection.Client));
    }

    /// <summary>
    /// What a connection can reach is asked; a machine that is busy with something else gets three attempts, each with a connection of its own:
    /// what reno has lost at the beginning it does not win back within seconds.
    /// </summary>
    private async Task RequireBothLinksAsync(AddressFamily family, Func<Connection, (Socket Sender, Socket Receiver)> direction)
    {
        var rates = new List<double>();
        while (rates.Count < 3 && !rates.Any(rate => rate > BothLinks))
        {
            var connection = await ConnectAsync(family);
            var (sender, receiver) = direction(connection);
            var receiving = ByteStream.ReceiveAsync(receiver, Deadline, atMost: RateAmount);
            var watch = Stopwatch.StartNew();
            var sent = await ByteStream.SendAsync(sender, RateAmount, Deadline);
            Assert.That(await receiving, Is.EqualTo(sent));
            rates.Add(RateAmount * 8 / watch.Elapsed.TotalSeconds);
            TestContext.Out.WriteLine($"{rates[^1] / 1e6:0.0} Mbit/s");
            connection.Dispose();
            await IdleAsync();
        }

        Assert.That(rates, Has.Some.GreaterThan(BothLinks));
    }
}
