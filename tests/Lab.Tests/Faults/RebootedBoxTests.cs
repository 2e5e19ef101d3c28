using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Survival;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>The host of the box is started anew: daemon, keeper, sockets, rules, routes, parameters and what was under /run are gone at once.</summary>
public sealed class RebootedBoxTests() : KeptBoxFixture("one-proxy")
{
    protected override LabOptions Options => base.Options with { StartBoxes = false };

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    // Nobody tells the peers; so that they give up in seconds.
    protected override Topology Adapt(Topology shipped) => shipped
        .With("client", "net.ipv4.tcp_retries2", "3")
        .With("client", "net.mptcp.close_timeout", "1")
        .With("legacy", "net.ipv4.tcp_retries2", "3");

    [Test]
    public async Task Box_rebooted_old_connections_end_new_ones_are_served_and_nothing_is_left()
    {
        var before = await HostState.ReadAsync(Box);
        await Box.StartBoxAsync();
        using var ipv4 = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        using var ipv6 = await ConnectAsync(AddressFamily.InterNetworkV6, port: 7001);
        await ipv6.GreetAsync(Deadline);
        Assert.That(Client.Counter("TcpCurrEstab"), Is.GreaterThanOrEqualTo(3));

        await RebootAsync(before);
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before), "or this was no reboot");
        await Box.StartBoxAsync();

        // Linux 6.18 now and then forgets to tell the sender of an MPTCP connection whose last subflow has ended, so of the clients only that is asked.
        foreach (var sender in new[] { ipv4.Client, ipv6.Client })
            _ = SendToTheEndAsync(sender);
        await Task.WhenAll(RequireEndAsync(ipv4.Server), RequireEndAsync(ipv6.Server));
        await Condition.WaitAsync(() => Client.Counter("TcpCurrEstab") == 0, TestTimeout, "the client has given up its subflows", Deadline);
        await RequireServedAsync(AddressFamily.InterNetwork, port: 7002);
        await RequireServedAsync(AddressFamily.InterNetworkV6, port: 7003);
        await IdleAsync();
        Assert.That(await Box.StopBoxAsync(), Is.Zero);
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
    }

    /// <summary>Who goes on sending learns in time that nobody takes it.</summary>
    private async Task RequireEndAsync(Socket socket)
    {
        var end = await SendToTheEndAsync(socket);
        Assert.That(end, Is.InstanceOf<SocketException>());
        TestContext.Out.WriteLine($"{socket.LocalEndPoint}: {end.Message}");
    }

    private async Task<Exception> SendToTheEndAsync(Socket socket)
    {
        var piece = new byte[10_000];
        try
        {
            while (true)
                await socket.SendAsync(piece, Deadline);
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return end;
        }
    }

    private async Task RequireServedAsync(AddressFamily family, int port)
    {
        var served = (await Box.StatusAsync(Deadline)).TotalFlows;
        using var connection = await ConnectAsync(family, port: port);
        await connection.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(served + 1));
    }

    private async Task RebootAsync(string before)
    {
        var parameters = before.Split('\n').Where(line => line.StartsWith("net.", StringComparison.Ordinal)).ToHashSet();
        var daemon = Box.DaemonProcessId!.Value;
        // A host without power says nothing to anybody; the rules go with the others.
        foreach (var tool in new[] { "iptables", "ip6tables" })
            (await Box.RunAsync(tool, "-w", "-t", "raw", "-I", "OUTPUT", "-p", "tcp", "-j", "DROP")).RequireSuccess();
        await Box.KillBoxAsync();
        ProcessControl.Send(daemon, ProcessSignal.Kill);
        await Condition.WaitAsync(() => !Directory.Exists($"/proc/{daemon}"), Patience, "the daemon is gone", Deadline);
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Box.BoxControlSocket)!, "control.sock*"))
            File.Delete(file);
        (await Box.RunAsync(
            ["sh", "-ec", """
                for tool in iptables ip6tables; do for table in raw mangle filter; do $tool -w -t $table -F; $tool -w -t $table -X; done; done
                for set in $(ipset list -n); do ipset destroy $set; done
                for family in -4 -6; do ip $family rule del table 30303; ip $family route flush table 30303; done
                ip mptcp endpoint flush
                """],
            null, Deadline)).RequireSuccess();
        var now = (await Box.RunAsync("sysctl", "-a", "--pattern", "^net\\.")).Output.Split('\n').ToHashSet();
        foreach (var line in parameters.Except(now))
            (await Box.RunAsync("sysctl", "-w", line.Replace(" = ", "="))).RequireSuccess();
        var limits = before.Split('\n').Single(line => line.StartsWith("add_addr_accepted", StringComparison.Ordinal));
        (await Box.RunAsync(["ip", "mptcp", "limits", "set", .. limits.Split(' ', StringSplitOptions.RemoveEmptyEntries)], null, Deadline)).RequireSuccess();
    }
}
