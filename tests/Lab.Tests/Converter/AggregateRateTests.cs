using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>What the second access is worth to a client of the converter: two of 50 Mbit/s each, congestion control reno.</summary>
[NonParallelizable]
public sealed class AggregateRateTests : ConverterFixture
{
    private const long Amount = 15_000_000;
    // One alone gives 48; the machine may have other things to do.
    private const double BothAccesses = 65e6;

    protected override LabOptions Options => base.Options with
    {
        Rates = new Dictionary<string, LinkRate> { ["wifi"] = Rate("50mbit"), ["lte"] = Rate("50mbit") },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_gets_and_gives_the_sum_of_both(AddressFamily family)
    {
        var (connection, _) = await ConvertAsync(family, "legacy");
        using var both = connection;
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);

        Assert.That(await RateOfAsync(connection.Client, connection.Server), Is.GreaterThan(BothAccesses), "bit/s up");
        Assert.That(await RateOfAsync(connection.Server, connection.Client), Is.GreaterThan(BothAccesses), "bit/s down");
    }

    private async Task<double> RateOfAsync(Socket from, Socket to)
    {
        var watch = Stopwatch.StartNew();
        var receiving = ByteStream.ReceiveAsync(to, Deadline, atMost: Amount);
        var sent = await ByteStream.SendAsync(from, Amount, Deadline);
        Assert.That(await receiving, Is.EqualTo(sent));
        return Amount * 8 / watch.Elapsed.TotalSeconds;
    }
}
