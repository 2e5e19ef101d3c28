using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.ConvertedHost;

/// <summary>A converter that is not there, and a host that may do without it.</summary>
public sealed class UnreachableConverterTests : ConvertedHostFixture
{
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:HostProxy:UnansweredSyns"] = "1",
            ["Middlebox:HostProxy:RetryAfter"] = "00:00:03",
        },
    };

    [Test]
    public Task Killed_converter_connections_go_directly_until_it_is_back() => GoDirectlyUntilItIsBackAsync(Converter);

    [Test]
    public Task Hosts_own_daemon_killed_connections_go_directly() => GoDirectlyUntilItIsBackAsync(Client);

    [Test]
    public async Task Silent_converter_is_left_alone()
    {
        await Lab.CutAsync("proxy", Deadline);
        try
        {
            foreach (var family in Families)
            {
                Assert.That(await SeenFromAsync(family, "legacy"), Is.EqualTo($"{Lab.AddressOf("client", family, "wifi")}"));
                var sent = await CountAsync("sent");
                Assert.That(await SeenFromAsync(family, "capable"), Is.EqualTo($"{Lab.AddressOf("client", family, "wifi")}"));
                Assert.That(await CountAsync("sent"), Is.EqualTo(sent), "the converter was not asked");
            }
        }
        finally
        {
            await Lab.RestoreAsync("proxy", Deadline);
        }

        await UsedAgainAsync();
    }

    private async Task GoDirectlyUntilItIsBackAsync(LabHost killed)
    {
        await killed.KillBoxAsync(Deadline);
        try
        {
            foreach (var family in Families)
                Assert.That(await SeenFromAsync(family, "legacy"), Is.EqualTo($"{Lab.AddressOf("client", family, "wifi")}"));
        }
        finally
        {
            await killed.StartBoxAsync(Deadline);
        }

        await UsedAgainAsync();
    }

    private async Task UsedAgainAsync()
    {
        foreach (var family in Families)
        {
            await Condition.WaitAsync(
                async () => await SeenFromAsync(family, "legacy") == $"{Lab.AddressOf("proxy", family)}", Patience, "connections go through the converter again", Deadline);
        }
    }
}
