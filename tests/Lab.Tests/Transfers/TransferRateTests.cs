using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Transfers;

/// <summary>What the second access is worth: two of 50 Mbit/s each, congestion control reno.</summary>
[NonParallelizable]
public sealed class TransferRateTests() : ServingLabFixture("one-proxy")
{
    private const long MptcpAmount = 25_000_000;
    private const long TcpAmount = 8_000_000;
    private const double OneAccess = 50e6;
    private const double BothAccesses = 85e6;

    protected override LabOptions Options =>
        new() { Rates = new Dictionary<string, LinkRate> { ["wifi"] = Rate("50mbit"), ["lte"] = Rate("50mbit") } };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_upload_uses_both_accesses_in_full(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        var lte = Client.SentBytes("lte");

        await RequireBothAccessesAsync(connection.Client, connection.Server);

        Assert.That(Client.SentBytes("lte") - lte, Is.GreaterThan(MptcpAmount * 2 / 5), "share of the second access");
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_download_uses_both_accesses_in_full(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        var lte = Client.ReceivedBytes("lte");

        await RequireBothAccessesAsync(connection.Server, connection.Client);

        Assert.That(Client.ReceivedBytes("lte") - lte, Is.GreaterThan(MptcpAmount * 2 / 5), "share of the second access");
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Plain_tcp_gets_one_access_at_most(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, mptcp: false);

        var up = await RateAsync(connection.Client, connection.Server, TcpAmount);
        var down = await RateAsync(connection.Server, connection.Client, TcpAmount);

        Assert.That(up, Is.LessThan(OneAccess));
        Assert.That(down, Is.LessThan(OneAccess));
    }

    /// <summary>What a connection can reach is asked; a machine that is busy with something else gets three attempts.</summary>
    private async Task RequireBothAccessesAsync(Socket sender, Socket receiver)
    {
        var rates = new List<double>();
        while (rates.Count < 3 && !rates.Any(rate => rate > BothAccesses))
            rates.Add(await RateAsync(sender, receiver, MptcpAmount));
        Assert.That(rates, Has.Some.GreaterThan(BothAccesses));
    }

    /// <summary>Bits of content per second, from the first call to the last byte received.</summary>
    private async Task<double> RateAsync(Socket sender, Socket receiver, long amount)
    {
        var receiving = ByteStream.ReceiveAsync(receiver, Deadline, atMost: amount);
        var watch = Stopwatch.StartNew();
        var sent = await ByteStream.SendAsync(sender, amount, Deadline);
        var received = await receiving;
        var rate = amount * 8 / watch.Elapsed.TotalSeconds;
        Assert.That(received, Is.EqualTo(sent));
        TestContext.Out.WriteLine($"{rate / 1e6:0.0} Mbit/s");
        return rate;
    }
}
