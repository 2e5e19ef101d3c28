using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Transfers;

/// <summary>
/// A server that reads only when the client has said everything: what then waits in the box must come without another segment from the client, also
/// what the kernel keeps in a subflow because the connection's own buffer is full.
/// </summary>
public sealed class LastBytesTests() : ServingLabFixture("one-proxy")
{
    private const int FirstPort = 7400;
    private const int Connections = 40;
    private const long Step = 50_000;
    private static readonly TimeSpan Standstill = TimeSpan.FromMilliseconds(500);

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    protected override Topology Adapt(Topology shipped) => shipped
        .With("box", "net.ipv4.tcp_rmem", "4096 65536 200000")
        .With("box", "net.ipv4.tcp_wmem", "4096 65536 200000")
        .With("legacy", "net.ipv4.tcp_rmem", "4096 65536 200000");

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_reads_late_and_gets_everything(AddressFamily family)
    {
        var exchanges = Enumerable.Range(1, Connections).Select(i => ExchangeAsync(family, FirstPort + i, i * Step)).ToList();
        foreach (var exchange in exchanges)
            await exchange;
    }

    private async Task ExchangeAsync(AddressFamily family, int port, long amount)
    {
        using var connection = await ConnectAsync(family, port: port);
        long taken = 0;
        var sending = ByteStream.SendAsync(connection.Client, amount, Deadline, progress: bytes => Volatile.Write(ref taken, bytes));

        // Until nothing moves any more: the client has got rid of all of it, or of as much as finds room on the way.
        var (last, since) = (-1L, Stopwatch.GetTimestamp());
        await Condition.WaitAsync(
            () =>
            {
                if (Volatile.Read(ref taken) != last)
                    (last, since) = (Volatile.Read(ref taken), Stopwatch.GetTimestamp());
                return Stopwatch.GetElapsedTime(since) > Standstill;
            },
            Patience,
            "nothing moves any more",
            Deadline);

        Assert.That(await ByteStream.ReceiveAsync(connection.Server, Deadline, atMost: amount), Is.EqualTo(await sending));
        Connection.Reset(connection.Client);
    }
}
