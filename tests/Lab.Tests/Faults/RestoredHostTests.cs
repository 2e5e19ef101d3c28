using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;

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

    private async Task UseAsync()
    {
        using (var ipv4 = await ConnectAsync(AddressFamily.InterNetwork))
            await ipv4.GreetAsync(Deadline);
        using var ipv6 = await ConnectAsync(AddressFamily.InterNetworkV6);
        await ipv6.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(2));
    }
}
