using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>The administrator loads his firewall anew, without the box's rules: they are installed again.</summary>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class FlushedRulesTests(string topology) : ServingLabFixture(topology)
{
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(15);

    [TestCase("mangle", AddressFamily.InterNetwork)]
    [TestCase("raw", AddressFamily.InterNetwork)]
    [TestCase("filter", AddressFamily.InterNetwork)]
    [TestCase("mangle", AddressFamily.InterNetworkV6)]
    [TestCase("raw", AddressFamily.InterNetworkV6)]
    public async Task Table_without_our_rules_is_mended_and_new_connections_are_served(string table, AddressFamily family)
    {
        var tool = family == AddressFamily.InterNetwork ? "iptables" : "ip6tables";
        var before = await HostState.RulesAsync(Box);
        var saved = (await Box.RunAsync($"{tool}-save", "-t", table)).RequireSuccess();
        var own = saved.Split('\n').Where(line => !line.Contains("MBX-"));

        (await Box.RunAsync([$"{tool}-restore", "-T", table], string.Join('\n', own), Deadline)).RequireSuccess();

        Assert.That(await HostState.RulesAsync(Box), Is.Not.EqualTo(before));
        await Condition.WaitAsync(
            async () => Sorted(await HostState.RulesAsync(Box)) == Sorted(before), Noticed, "the rules are as before", Deadline);
        var served = (await Box.StatusAsync(Deadline)).TotalFlows;
        using var connection = await ConnectOverBothAccessesAsync(family);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(served + 1));
        Assert.That(Box.BoxLog, Does.Contain("installed again"));
    }

    // The administrator's rules are before ours and behind, and one of them leads to a chain of ours.
    [Test]
    public async Task Rule_of_ours_that_is_changed_is_mended_and_others_stay_where_they_are()
    {
        string[][] rules =
        [
            ["-I", "PREROUTING", "-s", "203.0.113.9", "-j", "DROP"], ["-I", "FORWARD", "-i", "none0", "-j", "MBX-FORWARD"], ["-A", "FORWARD", "-i", "none0", "-j", "RETURN"],
        ];
        foreach (var rule in rules)
            (await MangleAsync(rule)).RequireSuccess();
        var before = await HostState.RulesAsync(Box);

        (await MangleAsync("-D", "MBX-QUEUE", "1")).RequireSuccess();

        Assert.That(await HostState.RulesAsync(Box), Is.Not.EqualTo(before));
        await Condition.WaitAsync(async () => await HostState.RulesAsync(Box) == before, Noticed, "the rules are as before, and in the same order", Deadline);
        foreach (var rule in rules)
            (await MangleAsync(["-D", .. rule.Skip(1)])).RequireSuccess();
    }

    // What was ours in them is installed before all that the administrator has by then, or behind, as at the start.
    [Test]
    public async Task Chains_that_are_flushed_get_their_jumps_again_and_the_administrators_jump_stays()
    {
        (await MangleAsync("-F")).RequireSuccess();
        (await MangleAsync("-A", "FORWARD", "-i", "none0", "-j", "MBX-FORWARD")).RequireSuccess();

        await Condition.WaitAsync(
            async () => (await MangleAsync("-S", "FORWARD")).RequireSuccess().Trim().Split('\n') is
                [_, "-A FORWARD -i none0 -j MBX-FORWARD", .., var last] && last.EndsWith("-j MBX-FORWARD", StringComparison.Ordinal) && !last.Contains("none0"),
            Noticed, "our jump is behind the administrator's", Deadline);
        (await MangleAsync("-D", "FORWARD", "-i", "none0", "-j", "MBX-FORWARD")).RequireSuccess();
    }

    private Task<CommandResult> MangleAsync(params string[] arguments) => Box.RunAsync("iptables", ["-t", "mangle", .. arguments]);

    // Chains that are made again stand behind those that were there before; the order of rules matters, and is asserted by the connections.
    private static string Sorted(string rules) => string.Join('\n', rules.Split('\n').Order(StringComparer.Ordinal));
}
