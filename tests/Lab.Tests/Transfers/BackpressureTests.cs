using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Load;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Transfers;

/// <summary>A receiver that does not read stops the sender at the other side of the box, and the box does not hoard.</summary>
public sealed class BackpressureTests() : ServingLabFixture("one-proxy")
{
    private const long Amount = 200_000_000;
    private const long MemoryTolerance = 16L << 20;
    private static readonly TimeSpan Standstill = TimeSpan.FromMilliseconds(500);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Client_is_stopped_by_a_server_that_does_not_read(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        await StopAndGoAsync(connection.Client, connection.Server);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_is_stopped_by_a_client_that_does_not_read(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        await StopAndGoAsync(connection.Server, connection.Client);
    }

    private async Task StopAndGoAsync(Socket sender, Socket receiver)
    {
        var before = ProcessUse.Of(Box.BoxProcessId!.Value);
        var sent = 0L;
        var sending = ByteStream.SendAsync(
            sender, Amount, Deadline, progress: count => Volatile.Write(ref sent, count));
        await StandstillAsync(() => Volatile.Read(ref sent));
        var stoppedAt = Volatile.Read(ref sent);
        var stopped = ProcessUse.Of(Box.BoxProcessId!.Value);

        var received = await ByteStream.ReceiveAsync(receiver, Deadline, atMost: Amount);

        TestContext.Out.WriteLine($"stopped after {stoppedAt / 1e6:0} MB");
        Assert.That(received, Is.EqualTo(await sending));
        Assert.That(stoppedAt, Is.LessThan(Amount));
        Assert.That(stopped.ResidentBytes - before.ResidentBytes, Is.LessThan(MemoryTolerance));
        Assert.That((await Box.StatusAsync(Deadline)).ActiveFlows, Is.EqualTo(1));
    }

    private async Task StandstillAsync(Func<long> progress)
    {
        var (last, since) = (-1L, Stopwatch.GetTimestamp());
        await Condition.WaitAsync(
            () =>
            {
                if (progress() != last)
                    (last, since) = (progress(), Stopwatch.GetTimestamp());
                return Stopwatch.GetElapsedTime(since) > Standstill;
            },
            Patience, "the sender stands still", Deadline);
    }
}
