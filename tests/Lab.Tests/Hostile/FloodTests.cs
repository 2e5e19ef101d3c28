using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Load;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Lab.Tests.Hostile;

/// <summary>Segments in masses: those who mean it are served all the same, and memory stays bounded.</summary>
/// <remarks>MIDDLEBOX_FLOOD asks for another number of segments a second than a machine bears that does other things meanwhile.</remarks>
[NonParallelizable]
public sealed class FloodTests() : ServingLabFixture("one-proxy")
{
    private const int FloodedPort = 6999;
    private const AddressFamily Family = AddressFamily.InterNetwork;
    private const long MostGrowthBytes = 64 << 20;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private static readonly int PerSecond = int.TryParse(Environment.GetEnvironmentVariable("MIDDLEBOX_FLOOD"), out var number) ? number : 20_000;

    // What one thread sends is bounded by what the kernel does for each segment on its way.
    private static readonly int Senders = PerSecond > 50_000 ? Environment.ProcessorCount : 1;

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(90);

    // So that what a flood has left is gone when the next one begins.
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:Negotiation:ServerTimeout"] = "00:00:03",
            ["Middlebox:Negotiation:ClientTimeout"] = "00:00:03",
        },
    };

    [Test]
    public async Task Flood_those_who_mean_it_are_served([Values] FloodKind kind)
    {
        using var flooded = Connection.Listen(Lab, Family, "legacy", FloodedPort, backlog: 4096);
        await ConnectOnceAsync();
        var idle = await Box.StatusAsync(Deadline);
        var before = ProcessUse.Of(Box.BoxProcessId!.Value);
        var server = HostEndpoint.Parse(Lab.EndpointOf("legacy", Family, FloodedPort).ToString());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        var from = kind == FloodKind.SynAck ? Legacy : Client;
        var flooding = Task.WhenAll(Enumerable.Range(1, Senders).Select(seed => Task.Factory.StartNew(
            () => from.InNamespace(() => SegmentFlood.Run(kind, server, PerSecond / Senders, seed, stop.Token)), TaskCreationOptions.LongRunning)));

        var watch = Stopwatch.StartNew();
        var (attempts, served) = (0, 0);
        for (; watch.Elapsed < Duration; attempts++)
            served += await ConnectOnceAsync() ? 1 : 0;
        await stop.CancelAsync();
        var sent = (await flooding).Sum();

        var grown = ProcessUse.Of(Box.BoxProcessId!.Value).ResidentBytes - before.ResidentBytes;
        TestContext.Out.WriteLine(
            $"{sent / watch.Elapsed.TotalSeconds:0} a second; {served} of {attempts} connections came about; {grown >> 20} MiB more");
        Assert.That(sent, Is.GreaterThan(10_000), "or this is no flood");
        Assert.That(served, Is.GreaterThanOrEqualTo(0.95 * attempts));
        Assert.That(grown, Is.LessThan(MostGrowthBytes));
        Assert.That(flooded.Poll(0, SelectMode.SelectRead), Is.False, "the server has seen a connection that no client completed");
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Failures, Is.Zero);
        if (kind == FloodKind.CapableSynOfOneClient)
        {
            TestContext.Out.WriteLine($"{after.TotalFlows - idle.TotalFlows} relayed");
            Assert.That(after.TotalFlows, Is.GreaterThan(idle.TotalFlows));
            Assert.That(after.Bypassed("sourceLimit"), Is.Positive);
            // More SYNs than the queue takes pass unseen. But of those that are seen, none lacks a place because of one client.
            Assert.That(after.Released("halfOpenLimit"), Is.EqualTo(idle.Released("halfOpenLimit")));
            Assert.That(after.Released("displaced"), Is.EqualTo(idle.Released("displaced")));
        }
    }

    /// <summary>Whether a client that means it gets through, be it after repetitions of its SYN.</summary>
    private async Task<bool> ConnectOnceAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        patience.CancelAfter(TimeSpan.FromSeconds(4));
        try
        {
            using var connection = await Connection.OpenAsync(Lab, Family, "legacy", patience.Token);
            await connection.GreetAsync(patience.Token);
            return true;
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException && !Deadline.IsCancellationRequested)
        {
            return false;
        }
    }
}
