using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>What the kernel relays for a box, beside what it translates for an administrator's own rules in a lab without any box.</summary>
/// <remarks>
/// In turns, and each result is the median of its turns. With MIDDLEBOX_QUIET=1 there are more turns, and the line is that of the documents; otherwise it only finds a relay that is far slower, and a machine that is
/// busy with something else gets three attempts: one second has few losses to spare. One subflow: a second one would go past the relay. docs/addressed.md has the figures.
/// </remarks>
[NonParallelizable]
public sealed class RelaySpeedTests : AddressedFixture
{
    private const int ServerPort = 5201;

    private const double QuietRatio = 0.95;

    private const double FarSlower = 0.25;

    private static readonly bool IsQuiet = Environment.GetEnvironmentVariable("MIDDLEBOX_QUIET") == "1";

    private Laboratory? _translating;

    protected override TimeSpan TestTimeout => TimeSpan.FromMinutes(3);

    [OneTimeSetUp]
    public async Task PrepareBothLabs()
    {
        if (LabRequirements.Missing().Count > 0)
            return;
        _translating = await UpWithoutBoxesAsync();
        var server = _translating.AddressOf("capable", AddressFamily.InterNetwork);
        var proxy = _translating.AddressOf("proxy", AddressFamily.InterNetwork);
        await TranslateAsync("client", "OUTPUT", server, proxy);
        await TranslateAsync("proxy", "PREROUTING", proxy, server);
        (await _translating["proxy"].RunAsync("iptables", "-w", "-t", "nat", "-A", "POSTROUTING", "-p", "tcp", "--dport", $"{ServerPort}", "-j", "MASQUERADE")).RequireSuccess();
        foreach (var lab in new[] { Lab, _translating })
        {
            // In both: the rules that cut cost what all rules do.
            await CutDirectPathsAsync(lab);
            (await lab["client"].RunAsync("ip", "mptcp", "limits", "set", "subflows", "0", "add_addr_accepted", "0")).RequireSuccess();
            var iperf = lab["capable"].Start("mptcpize", "run", "iperf3", "-s", "--forceflush");
            await Condition.WaitAsync(() => iperf.ReadLog().Contains("Server listening", StringComparison.Ordinal), Patience, "iperf3 listens");
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Relayed_connection_has_most_of_the_rate_of_a_translated_one(bool down)
    {
        var least = IsQuiet ? QuietRatio : FarSlower;
        var ratio = await RatioAsync(down);
        for (var attempt = 1; attempt < 3 && ratio < least; attempt++)
            ratio = await RatioAsync(down);
        Assert.That(ratio, Is.GreaterThan(least));
    }

    /// <summary>The relayed rate for each unit of the translated one.</summary>
    private async Task<double> RatioAsync(bool down)
    {
        var relayed = new List<double>();
        var translated = new List<double>();
        var before = OctetsOverTheProxy;
        for (var turn = 0; turn < (IsQuiet ? 9 : 1); turn++)
        {
            relayed.Add(await RateAsync(Lab, down));
            translated.Add(await RateAsync(_translating!, down));
        }

        var ratio = Median(relayed) / Median(translated);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"relayed {Median(relayed) / 1e9:0.0} Gbit/s ({relayed.Min() / 1e9:0.0}..{relayed.Max() / 1e9:0.0}),"
            + $" translated {Median(translated) / 1e9:0.0} ({translated.Min() / 1e9:0.0}..{translated.Max() / 1e9:0.0}), ratio {ratio:0.00}"));
        Assert.That(OctetsOverTheProxy - before, Is.GreaterThan(relayed.Sum() / 8), "every byte has crossed the proxy");
        return ratio;
    }

    private async Task TranslateAsync(string host, string chain, IPAddress from, IPAddress to) =>
        (await _translating![host].RunAsync(
            "iptables", "-w", "-t", "nat", "-A", chain, "-p", "tcp", "-d", $"{from}", "--dport", $"{ServerPort}", "-j", "DNAT", "--to-destination", $"{to}")).RequireSuccess();

    /// <summary>Bits per second of one connection, when quiet in its second second, as its receiver counts them.</summary>
    private async Task<double> RateAsync(Laboratory lab, bool down)
    {
        var server = lab.AddressOf("capable", AddressFamily.InterNetwork);
        var result = await lab["client"].RunAsync(
            ["mptcpize", "run", "iperf3", "-c", $"{server}", "-J", "-t", "1", .. IsQuiet ? ["-O", "1"] : Array.Empty<string>(), .. down ? ["-R"] : Array.Empty<string>()], input: null, Deadline);
        return JsonElement.Parse(result.RequireSuccess()).GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble();
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
