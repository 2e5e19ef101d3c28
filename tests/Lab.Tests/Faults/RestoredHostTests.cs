using System.Net.Sockets;
using Middlebox.Lab.Running;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>
/// Rules, routes, parameters, endpoints and limits are as before the appliance came, whichever way it went.
/// </summary>
[TestFixture("one-proxy")]
[TestFixture("off-path-second-access")]
[TestFixture("masquerade")]
public sealed class RestoredHostTests(string topology) : ServingLabFixture(topology)
{
    protected override LabOptions Options => new() { StartBoxes = false };

    [Test]
    public async Task Daemon_terminated_leaves_the_host_as_it_was()
    {
        var before = await HostState.ReadAsync(Box);

        await Box.StartBoxAsync();
        await UseAsync();
        Assert.That(await HostState.ReadAsync(Box), Is.Not.EqualTo(before));
        Assert.That(await Box.StopBoxAsync(), Is.Zero);

        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
    }

    [Test]
    public async Task Daemon_killed_restarted_and_terminated_leaves_the_host_as_it_was()
    {
        var before = await HostState.ReadAsync(Box);

        await Box.StartBoxAsync();
        await UseAsync();
        await Box.KillBoxAsync();
        await Box.StartBoxAsync();
        await UseAsync();
        await Box.KillBoxAsync();
        await Box.StartBoxAsync();
        Assert.That(await Box.StopBoxAsync(), Is.Zero);

        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
    }

    // As on a machine that is busy with something else.
    [Test]
    public async Task Daemon_terminated_with_slow_tools_leaves_the_host_as_it_was()
    {
        var before = await HostState.ReadAsync(Box);
        var directory = Directory.CreateTempSubdirectory("mbx-slow-").FullName;
        try
        {
            var tool = Path.Combine(directory, "iptables-save");
            File.WriteAllText(tool, $"#!/bin/sh\n[ -e {directory}/slow ] && sleep 3\nexec /usr/sbin/iptables-save \"$@\"\n");
            File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var daemon = Box.Start(
                "env",
                [
                    $"PATH={directory}:{Environment.GetEnvironmentVariable("PATH")}",
                    $"Middlebox__Control__Socket={Box.BoxControlSocket}",
                    .. MiddleboxCommand.Resolve(null), "run", "--config", Lab.Topology.Boxes[0].Configuration,
                ]);
            await Condition.WaitAsync(
                () => Task.FromResult(daemon.ReadLog().Contains("Serving as", StringComparison.Ordinal)), Patience, "it serves", Deadline);
            File.WriteAllText(Path.Combine(directory, "slow"), "");

            daemon.Signal(ProcessSignal.Terminate);

            Assert.That(await daemon.WaitForExitAsync(Deadline), Is.Zero, daemon.ReadLog());
            Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task UseAsync()
    {
        using (var ipv4 = await ConnectAsync(AddressFamily.InterNetwork))
            await ipv4.GreetAsync(Deadline);
        using var ipv6 = await ConnectAsync(AddressFamily.InterNetworkV6);
        await ipv6.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(2));
    }
}
