using System.Net.Sockets;
using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>An uplink that is a backup carries no data while the other works, and all of it when that is gone.</summary>
public sealed class BackupUplinkTests : UplinkFixture
{
    private const long Amount = 10_000_000;

    // Of its bytes: the subflow's handshake, and acknowledgments of it.
    private const long NextToNothing = Amount / 100;

    protected override LabOptions Options =>
        new() { Rates = new Dictionary<string, LinkRate> { ["dsl"] = Rate("100mbit"), ["lte"] = Rate("100mbit") } };

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Upload_goes_over_the_backup_only_when_the_other_link_is_gone(AddressFamily family)
    {
        await ConfigureAsync(new JsonObject { ["Device"] = Uplink, ["Backup"] = true });
        using var connection = await ConnectAsync(family, subflows: 2);

        await RequireBackupAsync(connection.Client, connection.Server, () => Box.SentBytes(Uplink));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Download_goes_over_the_backup_only_when_the_other_link_is_gone(AddressFamily family)
    {
        await ConfigureAsync(new JsonObject { ["Device"] = Uplink, ["Backup"] = true });
        using var connection = await ConnectAsync(family, subflows: 2);

        await RequireBackupAsync(connection.Server, connection.Client, () => Box.ReceivedBytes(Uplink));
    }

    private async Task RequireBackupAsync(Socket sender, Socket receiver, Func<long> carriedByBackup)
    {
        var before = carriedByBackup();
        await TransferAsync(sender, receiver);
        var regular = carriedByBackup() - before;

        await Lab.CutAsync("dsl", Deadline);
        try
        {
            before = carriedByBackup();
            await TransferAsync(sender, receiver);
        }
        finally
        {
            await Lab.RestoreAsync("dsl", CancellationToken.None);
        }

        var alone = carriedByBackup() - before;
        TestContext.Out.WriteLine($"{regular} bytes over the backup beside the other link, {alone} without it");
        Assert.That(regular, Is.LessThan(NextToNothing));
        Assert.That(alone, Is.GreaterThan(Amount));
    }

    private async Task TransferAsync(Socket sender, Socket receiver)
    {
        var receiving = ByteStream.ReceiveAsync(receiver, Deadline, atMost: Amount);
        var sent = await ByteStream.SendAsync(sender, Amount, Deadline);
        Assert.That(await receiving, Is.EqualTo(sent));
    }
}
