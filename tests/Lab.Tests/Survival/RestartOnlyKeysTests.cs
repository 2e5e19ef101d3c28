using System.Net.Sockets;
using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Explicit;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>What a serving daemon refuses to change, its successor has from the beginning, and connections do not notice.</summary>
public sealed class RestartOnlyKeysTests() : ReloadLabFixture("one-proxy")
{
    protected override LabOptions Options => new() { KeepBoxes = true };

    [Test]
    public async Task Refused_by_reload_taken_by_upgrade_and_the_transfer_goes_on()
    {
        using var transfer = new Transfer(await ConnectAsync(AddressFamily.InterNetwork), TimeSpan.FromMilliseconds(20), Deadline);
        var refusal = await RefuseAsync(Box, () => ConfigurationOf(Box).Write(section => section["Metrics"] = new JsonObject { ["Endpoint"] = "127.0.0.1:9471" }));
        Assert.That(refusal, Does.Contain("Metrics:Endpoint").And.Contain("middlebox upgrade"));

        (await Box.AskAsync(Deadline, "upgrade", "--json")).RequireSuccess();

        Assert.That((await Box.RunAsync("curl", "-s", "http://127.0.0.1:9471/metrics")).RequireSuccess(), Does.Contain("middlebox_"));
        var received = transfer.Received;
        await Condition.WaitAsync(() => transfer.Received > received, Patience, "the transfer goes on", Deadline);
        await transfer.FinishAsync();
    }
}
