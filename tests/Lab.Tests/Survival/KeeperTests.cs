using System.Net.Sockets;
using Middlebox.Lab.Tests.Explicit;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>When the keeper gives up, ends, or is gone itself.</summary>
public sealed class KeeperTests() : KeptBoxFixture("one-proxy")
{
    private readonly List<BoxConfiguration> _configurations = [];

    // A keeper holds connections for ten seconds without a daemon.
    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    // Ten times what a start takes, and less than connections are held for.
    protected override LabOptions Options => base.Options with { KeeperArguments = ["--start-patience", "5"] };

    protected override Topology Adapt(Topology shipped)
    {
        var box = shipped.Boxes.Single();
        _configurations.Add(new BoxConfiguration(box.Configuration));
        return shipped with { Boxes = [box with { Configuration = Configuration.FilePath }] };
    }

    private BoxConfiguration Configuration => _configurations[0];

    [OneTimeTearDown]
    public void RemoveConfiguration() => _configurations.ForEach(configuration => configuration.Dispose());

    [TearDown]
    public async Task Serve()
    {
        Configuration.Write(_ => { });
        if (Box.BoxProcessId is null)
            await Box.StartBoxAsync();
    }

    [Test]
    public async Task No_daemon_can_be_started_connections_are_reset_in_time_and_the_keeper_ends()
    {
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);

        Configuration.Write("{");
        await KillDaemonAsync();

        await RequireResetAsync(connection.Client);
        await RequireResetAsync(connection.Server);
        await Condition.WaitAsync(() => Box.BoxProcessId is null, TimeSpan.FromSeconds(40), "the keeper ends", Deadline);
        Assert.That(Box.BoxLog, Does.Contain("connections are reset, because no daemon has taken them over"));
        Assert.That(await HostState.RulesAsync(Box), Does.Not.Contain("MBX-"));
    }

    [Test]
    public async Task Daemon_that_hangs_at_its_start_is_replaced_and_connections_go_on()
    {
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        using (new BusySocket(Box.BoxControlSocket))
        {
            await KillDaemonAsync();
            await Condition.WaitAsync(() => Box.BoxLog.Contains("has not got on with its start"), Patience, "it is given up", Deadline);
        }

        await NextDaemonAsync();
        await connection.GreetAsync(Deadline);
        Assert.That(Box.BoxLog, Does.Not.Contain("connections are reset"));
    }

    [Test]
    public async Task Daemons_that_die_early_again_and_again_do_not_get_the_connections_any_more()
    {
        // A death that comes from outside begins the count anew.
        await KillDaemonAsync();
        await NextDaemonAsync();
        using var first = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        for (var deaths = 0; deaths < 2; deaths++)
        {
            await CrashDaemonAsync();
            await first.GreetAsync(Deadline);
        }

        await CrashDaemonAsync();

        await RequireResetAsync(first.Client);
        await RequireResetAsync(first.Server);
        using var second = await ConnectAsync(AddressFamily.InterNetwork, port: 7001);
        await second.GreetAsync(Deadline);

        await CrashDaemonAsync();

        await RequireResetAsync(second.Client);
        await RequireResetAsync(second.Server);
        Assert.That(Box.BoxLog, Does.Contain("times in a row soon after it took them over"));
    }

    [Test]
    public async Task Keeper_terminated_connections_are_reset_and_the_host_is_as_it_was()
    {
        var before = await HostState.RulesAsync(Box);
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        await KillDaemonAsync();
        await NextDaemonAsync();

        Assert.That(await Box.StopBoxAsync(), Is.Zero);

        await RequireResetAsync(connection.Client);
        await RequireResetAsync(connection.Server);
        Assert.That(await HostState.RulesAsync(Box), Does.Not.Contain("MBX-").And.Not.EqualTo(before));
    }

    // Neither has a daemon ended in order, nor can one be started that would take back what the killed one has left.
    [Test]
    public async Task Keeper_terminated_between_failing_starts_leaves_the_host_as_it_was()
    {
        Assert.That(await Box.StopBoxAsync(), Is.Zero);
        var before = await HostState.ReadAsync(Box);
        await Box.StartBoxAsync();
        Configuration.Write("{");
        await KillDaemonAsync();
        await Condition.WaitAsync(() => Box.BoxLog.Contains("ended with code 2; starting another"), Patience, "a start has failed", Deadline);

        Assert.That(await Box.StopBoxAsync(), Is.Zero);

        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
        Assert.That(Box.BoxLog, Does.Contain("what is left on this host is taken back"));
    }

    [Test]
    public async Task Rules_after_a_succession_are_those_before()
    {
        var before = await HostState.ReadAsync(Box);
        await KillDaemonAsync();
        await NextDaemonAsync();
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
    }

    [Test]
    public async Task Keeper_killed_the_daemon_goes_on()
    {
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        var daemon = Box.DaemonProcessId!.Value;

        await Box.KillBoxAsync();

        await connection.GreetAsync(Deadline);
        using (var other = await ConnectAsync(AddressFamily.InterNetwork, port: 7001))
            await other.GreetAsync(Deadline);
        Assert.That(Box.BoxLog, Does.Contain("The keeper is gone"));
        ProcessControl.Send(daemon, ProcessSignal.Terminate);
        await Condition.WaitAsync(() => !Directory.Exists($"/proc/{daemon}"), Patience, "the daemon has ended", Deadline);
    }

    private async Task CrashDaemonAsync()
    {
        await KillDaemonAsync(ProcessSignal.User1);
        await NextDaemonAsync();
    }

    private async Task RequireResetAsync(Socket socket)
    {
        var failure = await Assert.ThrowsAsync<SocketException>(() => ByteStream.ReceiveAsync(socket, Deadline));
        Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset).Or.EqualTo(SocketError.Shutdown));
    }
}
