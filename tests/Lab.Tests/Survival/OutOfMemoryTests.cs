using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Lab;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>The daemon asks for more memory than its control group has, and is killed by the kernel.</summary>
public sealed class OutOfMemoryTests() : KeptBoxFixture("one-proxy")
{
    private const long Bytes = 4 << 20;
    private const int Clients = 8;

    // With a SYN that is repeated.
    private static readonly TimeSpan SetUp = TimeSpan.FromSeconds(4);

    [Test]
    public async Task Out_of_memory_the_daemon_is_replaced_and_transfers_arrive_byte_exact()
    {
        using var group = MemoryGroup.TryCreate($"middlebox-{Environment.ProcessId}", Bytes);
        if (group is null)
            LabRequirementAttribute.Unmet("No control group with a memory limit can be made here.");
        using var up = new Transfer(await ConnectAsync(AddressFamily.InterNetwork), TimeSpan.FromMilliseconds(20), Deadline);
        using var down = new Transfer(await ConnectAsync(AddressFamily.InterNetworkV6, port: 7001), TimeSpan.FromMilliseconds(20), Deadline);
        await Condition.WaitAsync(() => up.Received > 0 && down.Received > 0, Patience, "the transfers go on", Deadline);
        var daemon = $"/proc/{Box.DaemonProcessId}";
        var watch = Stopwatch.StartNew();

        ExpectAnother();
        group.Add(Box.DaemonProcessId!.Value);
        var served = (await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ConnectUntilAsync(() => !Directory.Exists(daemon), 7100 + client)))).Sum();
        var killed = watch.Elapsed;
        // Whether the next daemon serves it or it is too early for that.
        using (var passing = await ConnectAsync(AddressFamily.InterNetwork, port: 7002))
            await passing.GreetAsync(Deadline);
        await NextDaemonAsync();

        TestContext.Out.WriteLine($"killed after {killed.TotalSeconds:0.0} s and {served} connections, another serves after {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.That(group.Kills, Is.Positive, "it may have had a tool of the host's run");
        var seen = (Up: up.Received, Down: down.Received);
        await Condition.WaitAsync(() => up.Received > seen.Up && down.Received > seen.Down, Patience, "the transfers go on", Deadline);
        await up.FinishAsync();
        await down.FinishAsync();
    }

    /// <summary>Connects again and again. What is being set up in the moment in which the daemon dies may fail, and nothing before.</summary>
    private async Task<int> ConnectUntilAsync(Func<bool> isEnough, int port)
    {
        for (var count = 0; ; count++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
            patience.CancelAfter(SetUp);
            try
            {
                using var connection = await Connection.OpenAsync(Lab, AddressFamily.InterNetwork, "legacy", patience.Token, port: port);
                await connection.GreetAsync(Deadline);
            }
            catch (Exception failure) when (failure is SocketException || patience.IsCancellationRequested)
            {
                await Condition.WaitAsync(isEnough, Patience, "the daemon is gone", Deadline);
                return count;
            }

            if (isEnough())
                return count;
        }
    }
}
