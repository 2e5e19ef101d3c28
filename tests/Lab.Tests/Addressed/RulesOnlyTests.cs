using System.Net.Sockets;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>Relayed connections whose segments take the rules, each for another reason.</summary>
[TestFixture("Middlebox:Addressed:FastPath", "false", null)]
[TestFixture("Middlebox:Name", "marked", "a routing rule goes by marks, which rules set: 99:\tfrom all fwmark 0x7 lookup main")]
public sealed class RulesOnlyTests(string setting, string value, string? told) : AddressedFixture
{
    protected override LabOptions Options => new() { BoxSettings = new Dictionary<string, string> { [setting] = value } };

    protected override async Task PrepareAsync() =>
        _ = told is null || (await Proxy.RunAsync("ip", "rule", "add", "priority", "99", "fwmark", "7", "lookup", "main")).ExitCode == 0;

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Nothing_is_led_past_them(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, "legacy", port: 22);
        await AssertBytesArriveAsync(connection.Client, connection.Server, 1_000_000);
        Assert.That(await CountAsync(Proxy, "addressed", "carried"), Is.Zero);
        Assert.That(await CountAsync(Proxy, "addressed", "relayed"), Is.Positive);
        Assert.That(Proxy.BoxLog, told is null ? Does.Not.Contain("Relayed segments") : Does.Contain(told));
    }
}
