using System.Net.Sockets;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>The daemon dies under load, many times: no byte may be lost, repeated or swapped, and no connection be reset.</summary>
/// <remarks>MIDDLEBOX_KILLS and MIDDLEBOX_TRANSFERS ask for more of it than a quick run takes.</remarks>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class KilledAgainAndAgainTests(string topology) : KeptBoxFixture(topology)
{
    private const int FirstPort = 7100;

    private static readonly int Kills = FromEnvironment("MIDDLEBOX_KILLS", 8);
    private static readonly int Transfers = FromEnvironment("MIDDLEBOX_TRANSFERS", 24);

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60 + (5 * Kills));

    [Test]
    public async Task Daemon_killed_again_and_again_transfers_both_ways_arrive_byte_exact()
    {
        var before = await IdleAsync();
        List<Transfer> transfers = [];
        try
        {
            for (var i = 0; i < Transfers; i++)
            {
                var family = i % 2 == 0 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
                transfers.Add(new Transfer(await ConnectAsync(family, port: FirstPort + i), Transfers * TimeSpan.FromMilliseconds(2), Deadline));
            }

            for (var kill = 0; kill < Kills; kill++)
            {
                var seen = transfers.ConvertAll(transfer => transfer.Received);
                await Condition.WaitAsync(
                    () => transfers.Zip(seen).All(pair => pair.First.Received > pair.Second), Patience, "all transfers go on", Deadline);
                await KillDaemonAsync();
                await NextDaemonAsync();
            }

            foreach (var transfer in transfers)
                await transfer.FinishAsync();
        }
        finally
        {
            transfers.ForEach(transfer => transfer.Dispose());
        }

        var after = await IdleAsync();
        Assert.That(after.Ended("finished"), Is.EqualTo(Transfers), "counted by the last daemon");
        TestContext.Out.WriteLine($"{Transfers} transfers of {transfers.Sum(transfer => transfer.Received) / 1_000_000} MB in all outlived {Kills} daemons");
        Assert.That(before.IsIdle && after.IsIdle, Is.True);
    }

    private static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var number) ? number : otherwise;
}
