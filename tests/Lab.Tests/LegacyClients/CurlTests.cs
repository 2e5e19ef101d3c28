using System.Globalization;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>curl without MPTCP and nginx with it: two links of 50 Mbit/s, congestion control reno.</summary>
[NonParallelizable]
public sealed class CurlTests : LegacyClientFixture
{
    // Both links carry more than one could.
    private const double OneLink = 50e6;
    private const double BothLinks = 85e6;

    protected override LabOptions Options =>
        new() { Rates = new Dictionary<string, LinkRate> { ["dsl"] = Rate("50mbit"), ["lte"] = Rate("50mbit") } };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_sees_the_address_and_port_of_the_client(AddressFamily family)
    {
        for (var i = 0; i < 2; i++)
        {
            var seen = await CurlAsync("-w", "%{local_ip} %{local_port}", $"{Lab.UrlOf("capable", family)}/whoami");
            var (server, client) = (seen.Split('\n')[0].Split(' '), seen.Split('\n')[^1].Split(' '));
            Assert.That(server[..2], Is.EqualTo(client), seen);
        }

        Assert.That((await IdleAsync()).Ended("finished"), Is.AtLeast(2));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Download_comes_over_two_subflows_at_twice_the_rate_of_a_link(AddressFamily family)
    {
        var joins = Capable.Counter("MPTcpExtMPJoinAckRx");
        var rates = new List<double>();
        // A machine that is busy with something else gets three attempts.
        while (rates.Count < 3 && !rates.Any(rate => rate > BothLinks))
        {
            var lte = Box.ReceivedBytes("lte");
            rates.Add(await RateAsync("capable", family, 25_000_000));
            TestContext.Out.WriteLine($"{rates[^1] / 1e6:0.0} Mbit/s");
            Assert.That(Box.ReceivedBytes("lte") - lte, Is.GreaterThan(4_000_000), "share of the second link");
        }

        Assert.That(rates, Has.Some.GreaterThan(BothLinks));
        Assert.That(Capable.Counter("MPTcpExtMPJoinAckRx") - joins, Is.EqualTo(rates.Count), "the server has taken one more subflow for each");
        Assert.That(await RateAsync("legacy", family, 8_000_000), Is.LessThan(OneLink), "one link by itself");
    }

    /// <summary>Bits of content per second, of the first bytes of a file.</summary>
    private async Task<double> RateAsync(string server, AddressFamily family, long amount) => 8 * double.Parse(
        await CurlAsync("-o", "/dev/null", "-r", $"0-{amount - 1}", "-w", "%{speed_download}", $"{Lab.UrlOf(server, family)}/bytes/100m"),
        CultureInfo.InvariantCulture);

    private async Task<string> CurlAsync(params string[] arguments) =>
        (await Client.RunAsync(["curl", "-sSgf", .. arguments], null, Deadline)).RequireSuccess();
}
