using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>One daemon makes room for another in an orderly way.</summary>
public sealed class UpgradeTests() : KeptBoxFixture("one-proxy")
{
    [Test]
    public async Task Upgraded_while_clients_connect_and_transfer_nothing_fails()
    {
        using var transfer = new Transfer(await ConnectAsync(AddressFamily.InterNetwork), TimeSpan.FromMilliseconds(20), Deadline);
        var before = Box.DaemonProcessId;

        var upgrading = Box.AskAsync(Deadline, "upgrade", "--json");
        var connections = 0;
        while (!upgrading.IsCompleted)
        {
            using var connection = await ConnectAsync(AddressFamily.InterNetworkV6, port: 7200 + (connections++ % 100));
            await connection.GreetAsync(Deadline);
        }

        var report = JsonElement.Parse((await upgrading).RequireSuccess());
        TestContext.Out.WriteLine($"{connections} connections in {report.GetProperty("seconds").GetDouble():0.0} s");
        Assert.That(connections, Is.GreaterThan(20));
        Assert.That(Box.DaemonProcessId, Is.Not.EqualTo(before));
        Assert.That(Box.BoxLog, Does.Contain("has retired").And.Not.Contain("by signal"));
        var received = transfer.Received;
        await Condition.WaitAsync(() => transfer.Received > received, Patience, "the transfer goes on", Deadline);
        await transfer.FinishAsync();
    }
}
