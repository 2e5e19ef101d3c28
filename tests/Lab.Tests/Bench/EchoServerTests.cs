using Middlebox.Bench.Load;
using Middlebox.Lab.Tests.Lab;
using Middlebox.Native;

namespace Middlebox.Lab.Tests.Bench;

/// <summary>The load of benchmarks by itself, between two hosts without a box.</summary>
public sealed class EchoServerTests : LabFixture
{
    private const int Port = 7000;

    // A process that is being started holds copies of all descriptors for a moment, so that closing one does not end its events.
    [Test]
    [CancelAfter(60_000)]
    public async Task Connections_WhileProcessesAreStarted_AreAllAnswered(CancellationToken cancellation)
    {
        var lab = await UpAsync("bench");
        using var server = new EchoServer(lab["legacy"], mptcp: false, Port);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var starting = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                    await lab["client"].RunAsync("true");
            },
            CancellationToken.None);

        var result = lab["client"].InNamespace(() =>
        {
            using var loop = new ExchangeLoop(
                mptcp: false,
                new SourcePorts([System.Net.IPAddress.Parse("198.18.3.3"), System.Net.IPAddress.Parse("198.18.3.4")]),
                sockaddr.From([198, 18, 13, 2], Port),
                atATime: 16,
                new Latencies());
            return loop.RunFor(TimeSpan.FromSeconds(5));
        });
        await stop.CancelAsync();
        await starting;

        Assert.That(result.Failures, Is.Zero, result.FirstFailure);
        Assert.That(await server.SinceAsync(default, result.Client.Count, cancellation), Is.EqualTo(result.Client));
        await server.WhenAllClosedAsync(cancellation);
    }
}
