using System.Text.RegularExpressions;
using Middlebox.Appliance.Host;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.Interceptor.Rules;
using Middlebox.Lab.Running;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>What a box has left that was killed is found and taken back, also by who does not know where its journal lies.</summary>
public sealed class LeftoversTests() : ServingLabFixture("one-proxy")
{
    protected override LabOptions Options => new() { StartBoxes = false };

    // The one does not find the journal of the first, because the administrator has removed the mark; the last one finds both journals.
    [Test]
    public async Task Daemon_killed_and_started_with_another_socket_leaves_the_host_as_it_was()
    {
        var before = await HostState.ReadAsync(Box);
        await Box.StartBoxAsync();
        await Box.KillBoxAsync();
        await RemoveMarkAsync();
        var other = Box.Start(
            "env",
            [
                $"Middlebox__Control__Socket={Box.BoxControlSocket}.other", .. MiddleboxCommand.Resolve(null), "run", "--config", Lab.Topology.Boxes[0].Configuration,
            ]);
        await Condition.WaitAsync(
            () => other.HasExited || other.ReadLog().Contains("Serving as", StringComparison.Ordinal), Patience, "it serves", Deadline);
        Assert.That(other.HasExited, Is.False, other.ReadLog());
        Assert.That(other.ReadLog(), Does.Contain("was there already"));
        other.Signal(ProcessSignal.Kill);
        await other.WaitForExitAsync(Deadline);

        await Box.StartBoxAsync();
        Assert.That(await Box.StopBoxAsync(), Is.Zero);

        Assert.That(Box.BoxLog, Does.Match("undoing what [^ ]*\\.other\\.").And.Not.Contain("Not restored"));
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
    }

    [Test]
    public async Task Daemon_killed_the_verb_restores_the_host_by_the_mark_and_without_it_by_the_configuration()
    {
        var before = await HostState.ReadAsync(Box);
        await Box.StartBoxAsync();
        var serving = await HostState.ReadAsync(Box);
        Assert.That((await RestoreAsync()).Error, Does.Contain("a box runs in this network namespace"));
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(serving), "nothing of a box that runs is touched");
        await Box.KillBoxAsync();

        var restored = await RestoreAsync();

        Assert.That(restored.RequireSuccess(), Does.Contain($"{Box.BoxControlSocket}."));
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));

        await Box.StartBoxAsync();
        (await Box.RunAsync("iptables", "-A", "INPUT", "-i", "none0", "-j", "MBX-FILTER-IN")).RequireSuccess();
        await Box.KillBoxAsync();
        await RemoveMarkAsync();
        Assert.That(
            (await RestoreAsync("--config", Lab.Topology.Boxes[0].Configuration)).Error,
            Does.Contain("left empty (IPv4): filter: -A INPUT -i none0 -j MBX-FILTER-IN"), "it is the administrator's");
        (await Box.RunAsync("iptables", "-D", "INPUT", "-i", "none0", "-j", "MBX-FILTER-IN")).RequireSuccess();
        (await RestoreAsync("--config", Lab.Topology.Boxes[0].Configuration)).RequireSuccess();
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
    }

    // Of one that was not, each mending would change the place among the administrator's rules.
    [Test]
    public async Task Jumps_of_every_role_are_recognised_as_the_kernel_writes_them([Values] RuleFamily family)
    {
        var options = new InterceptorOptions();
        var marks = PacketMarks.Parse(options.MarkMask);
        var addressed = new AddressedOptions { Listen = ["198.18.3.2:5125", "[2001:db8:3::2]:5125"], Clients = ["any"] };
        var host = new HostProxyOptions { Proxies = ["198.18.3.2:5125", "[2001:db8:3::2]:5125"], Rules = [new()] };
        var rules = new FirewallRules(options, marks, conntrack: true, hasSets: false, new TranslationRules(addressed, host, options, marks))
            .Installation(family, HostSetup.ListenAddressOf(family));
        await LoadAsync(RuleReplacement.Of("", [], rules, ""));
        var saved = (await Box.RunAsync(Firewall.SaveTool(family))).RequireSuccess();

        var again = RuleReplacement.Of(saved, [], rules, "");

        Assert.That(again.Split('\n').Where(line => Regex.IsMatch(line, "^-[ADI] (?!MBX-)")), Is.Empty);
        await LoadAsync(again);
        Assert.That((await Box.RunAsync(Firewall.SaveTool(family))).RequireSuccess().Split('\n').Where(line => line.StartsWith('-')),
            Is.EqualTo(saved.Split('\n').Where(line => line.StartsWith('-'))));
        await LoadAsync(RuleRemoval.For(saved));
        Assert.That((await Box.RunAsync(Firewall.SaveTool(family))).RequireSuccess(), Does.Not.Contain("MBX-"));

        async Task LoadAsync(string text) => (await Box.RunAsync(Firewall.RestoreCommand(family), text, Deadline)).RequireSuccess();
    }

    private async Task RemoveMarkAsync() => (await Box.RunAsync("iptables", "-F", "MBX-JOURNAL")).RequireSuccess();

    private Task<CommandResult> RestoreAsync(params string[] arguments) => Box.RunAsync(
        ["env", $"Middlebox__Control__Socket={Box.BoxControlSocket}", .. MiddleboxCommand.Resolve(null), "restore", .. arguments], input: null, Deadline);
}
