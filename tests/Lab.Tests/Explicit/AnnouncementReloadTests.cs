using System.Net.Sockets;
using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Observation;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>An address that comes and goes with a reload is signalled to the clients of running connections.</summary>
public sealed class AnnouncementReloadTests() : ReloadLabFixture("off-path-second-access")
{
    private const string Address = "198.18.3.2";

    protected override string SettingsLeftOut => "Middlebox:ProxyEngine:AnnouncedAddresses";

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Running_connection_hears_of_an_address_that_comes_and_goes(AddressFamily family)
    {
        var (added, removed) = (Client.Counter("MPTcpExtAddAddr"), Client.Counter("MPTcpExtRmAddr"));
        using var connection = await ConnectAsync(family);
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 1);

        await ReloadAsync(Box, section => Announce(section, Address));
        await Condition.WaitAsync(
            () => Client.Counter("MPTcpExtAddAddr") == added + 1, Patience, "the client takes ADD_ADDR", Deadline);
        var joined = await FlowAsync(subflows: 2);
        Assert.That(joined.Subflows.Select(subflow => subflow.Local), Has.One.StartsWith($"{Address}:"));
        await connection.GreetAsync(Deadline);

        await ReloadAsync(Box, section => Announce(section));
        await Condition.WaitAsync(
            () => Client.Counter("MPTcpExtRmAddr") == removed + 1, Patience, "the client takes REMOVE_ADDR", Deadline);
        await FlowAsync(subflows: 1);
        await connection.GreetAsync(Deadline);
    }

    [Test]
    public async Task An_address_that_came_and_went_leaves_nothing_to_complain_of_at_the_end()
    {
        await ReloadAsync(Box, section => Announce(section, Address));
        await ReloadAsync(Box, section => Announce(section));
        var before = Box.BoxLog.Length;

        var exitCode = await Box.StopBoxAsync(Deadline);
        var log = Box.BoxLog[before..];
        await Box.StartBoxAsync(Deadline);

        Assert.That(exitCode, Is.Zero);
        Assert.That(log, Does.Not.Contain("Not restored"));
    }

    private static void Announce(JsonObject section, params string[] addresses) =>
        section["ProxyEngine"]!["AnnouncedAddresses"] = new JsonArray([.. addresses.Select(address => JsonValue.Create(address))]);
}
