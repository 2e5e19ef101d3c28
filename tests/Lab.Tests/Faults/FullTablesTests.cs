using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native;
using Middlebox.Native.Namespaces;
using Middlebox.Testing;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>There is no place for another context, or for another packet in the queue: new connections pass, and do not wait.</summary>
/// <remarks>MIDDLEBOX_QUIET=1 asks for the hundred milliseconds, which a machine has to be quiet for.</remarks>
public sealed class FullTablesTests() : ServingLabFixture("one-proxy")
{
    private const int QueueLength = 16;
    private const int FirstPort = 30_000;
    private const int ClosedPort = 6999;

    // Less than what a SYN waits that is repeated, a second.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(Environment.GetEnvironmentVariable("MIDDLEBOX_QUIET") == "1" ? 100 : 800);

    private static int _port = FirstPort;

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:Interceptor:QueueLength"] = $"{QueueLength}",
            ["Middlebox:Negotiation:MaxContexts"] = "1",
            ["Middlebox:Negotiation:ServerTimeout"] = "00:00:03",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Contexts_full_new_connections_pass_at_once(AddressFamily family)
    {
        var before = await Box.StatusAsync(Deadline);
        var nobody = Lab.AddressOf("legacy", family).GetAddressBytes();
        nobody[^1] = 99;

        SendSyns(family, new IPEndPoint(new IPAddress(nobody), 80), count: 1);
        await RequirePassageAsync(family);

        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Bypassed("tableFull") - before.Bypassed("tableFull"), Is.Positive);
        Assert.That(after.TotalFlows, Is.EqualTo(before.TotalFlows));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Queue_full_new_connections_pass_at_once(AddressFamily family)
    {
        var daemon = Box.BoxProcessId!.Value;
        await ProcessState.StopAsync(daemon, Patience, Deadline);
        try
        {
            await PretendALiveDaemonAsync(family);
            SendSyns(family, Lab.EndpointOf("legacy", family, ClosedPort), QueueLength);
            await RequirePassageAsync(family);
        }
        finally
        {
            ProcessControl.Send(daemon, ProcessSignal.Continue);
        }

        await IdleAsync();
        var served = (await Box.StatusAsync(Deadline)).TotalFlows;
        using var connection = await ConnectAsync(family, port: 7001);
        await connection.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(served + 1));
    }

    private async Task RequirePassageAsync(AddressFamily family)
    {
        var watch = Stopwatch.StartNew();
        using var connection = await ConnectAsync(family);
        await connection.GreetAsync(Deadline);
        TestContext.Out.WriteLine($"passed after {watch.Elapsed.TotalMilliseconds:0} ms");
        Assert.That(watch.Elapsed, Is.LessThan(AtOnce));
    }

    /// <summary>Without it the rules would queue nothing any more a second after the daemon was stopped.</summary>
    private async Task PretendALiveDaemonAsync(AddressFamily family)
    {
        var (set, halves) = family == AddressFamily.InterNetwork ? ("MBX-ALIVE4", new[] { "0.0.0.0/1", "128.0.0.0/1" }) : ("MBX-ALIVE6", ["::/1", "8000::/1"]);
        foreach (var half in halves)
            (await Box.RunAsync("ipset", "-exist", "add", set, half, "timeout", "60")).RequireSuccess();
    }

    private void SendSyns(AddressFamily family, IPEndPoint server, int count)
    {
        using var sender = Client.InNamespace(() => new RawPacketSocket(mark: 0));
        for (var i = 0; i < count; i++)
        {
            var client = Lab.EndpointOf("client", family, _port++);
            Assert.That(sender.Send(PacketBuilder.LinuxMptcpSyn(client.ToString(), server.ToString()).Build()), Is.EqualTo(Errno.None));
        }
    }
}
