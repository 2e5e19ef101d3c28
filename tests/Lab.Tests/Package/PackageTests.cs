using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Package;

/// <summary>
/// The life of the package on a machine with systemd that is inline. One test, because each step goes on where the one before has ended, and making the package
/// takes the longest.
/// </summary>
[TestFixture]
public sealed class PackageTests() : ServingLabFixture("one-proxy")
{
    // The child of the keeper.
    private const string Daemon = "$(pgrep -P $(systemctl show -P MainPID middlebox) middlebox)";

    private const string Upgrade = "middlebox-upgrade.deb";

    // Network administration, raw sockets, and server ports below 1024.
    private const string Capabilities = "0000000000003400";

    private readonly string _packages = Directory.CreateTempSubdirectory("mbx-packages-").FullName;
    private SystemdMachine? _machine;
    private string _package = "";
    private string _hostBefore = "";
    private IReadOnlyList<string> _filesBefore = [];

    protected override LabOptions Options => new() { StartBoxes = false };

    protected override TimeSpan TestTimeout => TimeSpan.FromMinutes(8);

    private SystemdMachine Machine => _machine ?? throw new InconclusiveException("The machine was not booted.");

    [OneTimeTearDown]
    public async Task TurnOff()
    {
        if (_machine is not null)
            await _machine.DisposeAsync();
        Directory.Delete(_packages, recursive: true);
    }

    [TearDown]
    public async Task TellJournal()
    {
        if (_machine is not null && TestContext.CurrentContext.Result.FailCount > 0)
            TestContext.Out.WriteLine((await _machine.TryAsync("journalctl --no-pager -n 60", CancellationToken.None)).Output);
    }

    [Test]
    public async Task Package_FromTheSourcesToItsPurge()
    {
        await Package_IsMadeFromTheSources();
        await Install_PutsEverythingInItsPlace_AndStartsNothing();
        await Start_ServesAsItsOwnUser_WithThreeCapabilities();
        await Security_OfTheUnit_IsAsGoodAsItCanBe();
        await FastPath_NeedsTheCapabilityOfTheDocument();
        await Reload_TellsTheServiceManagerWhatCameOfIt();
        await Crash_ConnectionsGoOn();
        await Watchdog_DaemonThatStandsStill_IsStartedAnew();
        await Upgrade_ConnectionsGoOn_TheNewVersionServes();
        await Stop_ConnectionsFinish_NewOnesPass_AndItServesAgain();
        await Purge_LeavesNothing();
    }

    private async Task Package_IsMadeFromTheSources()
    {
        var made = await MakeAsync();
        Assert.That(made.ExitCode, Is.Zero, made.Output);
        _package = Path.GetFileName(Directory.GetFiles(_packages, "*.deb").Single());
        Assert.That(_package, Does.Match(@"^middlebox_\d+\.\d+\.\d+_(amd64|arm64)\.deb$"));
        _machine = await SystemdMachine.BootAsync(Box, $"mbx-{Environment.ProcessId}", _packages, Deadline);
        _hostBefore = await HostState.ReadAsync(Box);
        _filesBefore = await Machine.ChangesAsync(Deadline);
    }

    private async Task Install_PutsEverythingInItsPlace_AndStartsNothing()
    {
        await Machine.RunAsync($"dpkg --force-unsafe-io -i /mnt/{_package}", Deadline);

        Assert.That(await Machine.RunAsync("id -nG middlebox", Deadline), Is.EqualTo("middlebox"));
        Assert.That(await Machine.RunAsync("stat -c '%U:%G %a' /etc/middlebox", Deadline), Is.EqualTo("root:middlebox 750"));
        Assert.That(await Machine.RunAsync("middlebox config check --config /etc/middlebox/middlebox.json", Deadline), Does.EndWith("is faultless."));
        Assert.That(await Machine.RunAsync("middlebox config explain ProxyEngine:MaxFlows", Deadline), Does.Contain("Most connections relayed at a time"));
        Assert.That(await Machine.RunAsync("systemd-analyze verify middlebox.service 2>&1", Deadline), Is.Empty);
        Assert.That((await Machine.TryAsync("systemctl is-active middlebox", Deadline)).Output.Trim(), Is.EqualTo("inactive"));
        Assert.That((await Machine.TryAsync("systemctl is-enabled middlebox", Deadline)).Output.Trim(), Is.EqualTo("disabled"));
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(_hostBefore));
    }

    private async Task Start_ServesAsItsOwnUser_WithThreeCapabilities()
    {
        await Machine.RunAsync("systemctl enable --now middlebox", Deadline);

        var status = await Machine.RunAsync($"cat /proc/{Daemon}/status", Deadline);
        Assert.That(status, Does.Match($@"CapEff:\s+{Capabilities}"));
        Assert.That(status, Does.Match($@"CapBnd:\s+{Capabilities}"));
        Assert.That(status, Does.Match(@"NoNewPrivs:\s+1"));
        Assert.That(status, Does.Match(@"Seccomp:\s+2"));
        Assert.That(await Machine.RunAsync($"ps -o user= -p {Daemon}", Deadline), Does.StartWith("middleb"));
        Assert.That(await Machine.RunAsync("systemctl show -P StatusText middlebox", Deadline), Is.EqualTo("Serving, 0 connections are relayed"));
        // The level of an event is the journal's own, and no line is part of another.
        Assert.That(await Machine.RunAsync("journalctl -u middlebox -p info..info -o cat", Deadline), Does.Contain("Serving as middlebox, mode Implicit"));

        using var connection = await ConnectAsync(AddressFamily.InterNetwork, port: 443);
        await connection.GreetAsync(Deadline);
        await FlowsAsync("[0].subflows | length", 2);
        using var ipv6 = await ConnectAsync(AddressFamily.InterNetworkV6, port: 443);
        await ipv6.GreetAsync(Deadline);
    }

    private async Task Security_OfTheUnit_IsAsGoodAsItCanBe()
    {
        var analysis = await Machine.RunAsync("systemd-analyze security --no-pager middlebox.service", Deadline);
        // Of 10, the worst; what is left is what the box is for: the network, and its configuration.
        Assert.That(analysis, Does.Match(@"Overall exposure level for middlebox.service: [01]\.\d|2\.[01]"));
    }

    private async Task FastPath_NeedsTheCapabilityOfTheDocument()
    {
        const string DropIn = "/run/systemd/system/middlebox.service.d";
        var settings = $"Environment=Middlebox__Addressed__Listen__0={Lab.EndpointOf(Box.Name, AddressFamily.InterNetwork, 5125)} Middlebox__Addressed__Clients__0=198.18.0.0/15";
        await Machine.RunAsync($"mkdir {DropIn}; printf '[Service]\\n{settings}\\n' >{DropIn}/test.conf; systemctl daemon-reload; systemctl restart middlebox", Deadline);
        Assert.That(await Machine.RunAsync("journalctl -u middlebox -o cat", Deadline), Does.Contain("there is no faster path").And.Not.Contain("led past the rules"));

        var fastPath = "[Service]\\nAmbientCapabilities=CAP_BPF\\nCapabilityBoundingSet=CAP_BPF\\nSystemCallFilter=bpf\\n";
        await Machine.RunAsync($"printf '{fastPath}' >{DropIn}/fast-path.conf; systemctl daemon-reload; systemctl restart middlebox", Deadline);
        Assert.That(await Machine.RunAsync("journalctl -u middlebox -o cat", Deadline), Does.Match("are led past the rules where they arrive, at [1-9] devices"));
        await Machine.RunAsync($"rm -r {DropIn}; systemctl daemon-reload; systemctl restart middlebox", Deadline);
    }

    private async Task Reload_TellsTheServiceManagerWhatCameOfIt()
    {
        await Machine.RunAsync("sed -i 's/00:00:30/00:01:00/' /etc/middlebox/middlebox.json; systemctl reload middlebox", Deadline);
        await StatusTextAsync("Serving by the new configuration");

        await Machine.RunAsync("cd /etc/middlebox; cp middlebox.json good; echo '{' >middlebox.json; systemctl reload middlebox", Deadline);
        await StatusTextAsync("Serving by the old configuration; the new one is refused, the log says why");

        await Machine.RunAsync("cd /etc/middlebox; mv good middlebox.json; systemctl reload middlebox", Deadline);
        await StatusTextAsync("Serving by the new configuration");
    }

    private async Task Crash_ConnectionsGoOn()
    {
        using var relayed = await ConnectAsync(AddressFamily.InterNetwork, port: 7003);
        await relayed.GreetAsync(Deadline);
        var before = await Machine.RunAsync($"echo {Daemon}", Deadline);

        await Machine.RunAsync($"kill -KILL {before}", Deadline);

        await relayed.GreetAsync(Deadline);
        Assert.That(await Machine.RunAsync($"echo {Daemon}", Deadline), Is.Not.EqualTo(before));
        Assert.That(await Machine.RunAsync("systemctl show -P NRestarts middlebox", Deadline), Is.EqualTo("0"), "it is none of systemd's business");
    }

    private async Task Watchdog_DaemonThatStandsStill_IsStartedAnew()
    {
        const string DropIn = "/run/systemd/system/middlebox.service.d";
        await Machine.RunAsync(
            $"mkdir {DropIn}; printf '[Service]\\nWatchdogSec=1\\nTimeoutAbortSec=100ms\\nRestartSec=0\\n' >{DropIn}/test.conf; systemctl daemon-reload;"
            + " systemctl restart middlebox",
            Deadline);
        await Condition.WaitAsync(
            async () => await Machine.RunAsync(
                "set -- $(systemctl show --value -p ActiveEnterTimestampMonotonic -p WatchdogTimestampMonotonic middlebox | sort -n); echo $(($2 - $1 > 2000000))",
                Deadline) == "1",
            Patience, "it gives signs of life for longer than the watchdog waits", Deadline);

        await Machine.RunAsync($"kill -STOP {Daemon}", Deadline);

        await Condition.WaitAsync(
            async () => await Machine.RunAsync("echo $(systemctl show --value -p NRestarts -p ActiveState middlebox)", Deadline) is "1 active" or "active 1",
            Patience, "systemd has started it anew", Deadline);
        Assert.That(
            await Machine.RunAsync("journalctl -u middlebox -o cat", Deadline), Does.Match("in this network namespace is taken back, by /run/middlebox/middlebox.sock"));
        await Machine.RunAsync($"rm -r {DropIn}; systemctl daemon-reload; systemctl restart middlebox", Deadline);
    }

    private async Task Upgrade_ConnectionsGoOn_TheNewVersionServes()
    {
        await MakeUpgradeAsync();
        using var relayed = await ConnectAsync(AddressFamily.InterNetwork);
        await relayed.GreetAsync(Deadline);
        await FlowsAsync("length", 1);
        var (keeper, daemon) = (await Machine.RunAsync("systemctl show -P MainPID middlebox", Deadline), await Machine.RunAsync($"echo {Daemon}", Deadline));

        var upgrade = Machine.RunAsync($"dpkg --force-unsafe-io -i /mnt/{Upgrade}", Deadline);
        for (var i = 0; !upgrade.IsCompleted; i++)
        {
            using var other = await ConnectAsync(AddressFamily.InterNetwork, port: 7100 + (i % 100));
            await other.GreetAsync(Deadline);
            await relayed.GreetAsync(Deadline);
        }

        await upgrade;
        Assert.That(await Machine.RunAsync("dpkg-query -W -f '${Version}' middlebox", Deadline), Is.EqualTo("99.0"));
        Assert.That(await Machine.RunAsync("systemctl show -P MainPID middlebox", Deadline), Is.EqualTo(keeper));
        Assert.That(await Machine.RunAsync($"echo {Daemon}", Deadline), Is.Not.EqualTo(daemon));
        Assert.That(await Machine.RunAsync($"readlink /proc/{Daemon}/exe", Deadline), Does.EndWith("/usr/lib/middlebox/middlebox"), "it runs from the new file");
        await FlowsAsync("length", 1);
        await relayed.GreetAsync(Deadline);
    }

    private async Task Stop_ConnectionsFinish_NewOnesPass_AndItServesAgain()
    {
        using var relayed = await ConnectAsync(AddressFamily.InterNetwork);
        await relayed.GreetAsync(Deadline);
        await FlowsAsync("length", 1);

        var restart = Machine.RunAsync("systemctl restart middlebox", Deadline);
        await StatusTextAsync("Stopping: 1 connections may finish");
        using (var passing = await ConnectAsync(AddressFamily.InterNetwork, port: 7001))
            await passing.GreetAsync(Deadline);
        await FlowsAsync("length", 1);
        await relayed.GreetAsync(Deadline);
        Assert.That(restart.IsCompleted, Is.False, "it waits for the connection");

        relayed.Client.Shutdown(SocketShutdown.Send);
        Assert.That((await ByteStream.ReceiveAsync(relayed.Server, Deadline, atMost: 1)).Length, Is.Zero, "the client's end comes through");
        relayed.Server.Shutdown(SocketShutdown.Send);
        await restart;

        using var next = await ConnectAsync(AddressFamily.InterNetwork, port: 7002);
        await next.GreetAsync(Deadline);
        await FlowsAsync("length", 1);
    }

    private async Task Purge_LeavesNothing()
    {
        await Machine.RunAsync("dpkg --purge middlebox", Deadline);

        Assert.That((await Machine.TryAsync("getent passwd middlebox; getent group middlebox", Deadline)).Output, Is.Empty);
        Assert.That((await Machine.TryAsync("ls -d /etc/middlebox /run/middlebox /var/lib/middlebox /usr/lib/middlebox /usr/share/middlebox 2>/dev/null", Deadline)).Output, Is.Empty);
        Assert.That(await Machine.ChangesAsync(Deadline), Is.EqualTo(_filesBefore));
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(_hostBefore));
    }

    /// <summary>As somebody does who has cloned the repository.</summary>
    private async Task<CommandResult> MakeAsync()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Middlebox.sln")))
            directory = directory.Parent;
        var start = new ProcessStartInfo(Path.Combine(directory.FullName, "middlebox"), ["package", "--out", _packages])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Deadline);
        var error = process.StandardError.ReadToEndAsync(Deadline);
        await process.WaitForExitAsync(Deadline);
        return new CommandResult(process.ExitCode, await output + await error, await error);
    }

    /// <summary>The same package with a higher version.</summary>
    private async Task MakeUpgradeAsync() => (await Legacy.RunAsync(
        "sh", "-c",
        $"cd {_packages} && dpkg-deb -R {_package} tree && sed -i 's/^Version: .*/Version: 99.0/' tree/DEBIAN/control"
        + $" && dpkg-deb --root-owner-group -Znone -b tree {Upgrade} && rm -r tree")).RequireSuccess();

    private Task StatusTextAsync(string text) => Condition.WaitAsync(
        async () => await Machine.RunAsync("systemctl show -P StatusText middlebox", Deadline) == text, Patience, $"the status is: {text}", Deadline);

    /// <summary>Waits until what the box relays is so much.</summary>
    private Task FlowsAsync(string what, int count) => Condition.WaitAsync(
        async () =>
        {
            var flows = JsonElement.Parse(await Machine.RunAsync("middlebox flows --json", Deadline));
            return (what == "length" ? flows : flows[0].GetProperty("subflows")).GetArrayLength() == count;
        },
        Patience, $"{what} of the flows is {count}", Deadline);
}
