using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>A proxy that falls silent, and a host that may do without it. That it is tried again later, a test of the relay shows on a clock of its own.</summary>
public sealed class UnreachableProxyTests : AddressedFixture
{
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string> { ["Middlebox:HostProxy:UnansweredSyns"] = "1" },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Silent_proxy_is_left_alone(AddressFamily family)
    {
        await Lab.CutAsync("proxy", Deadline);
        try
        {
            using var first = await ConnectAsync(family, "capable");
            await first.GreetAsync(Deadline);
            Assert.That(first.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("client", family, "wifi")));
            var sent = await CountAsync(Client, "hostProxy", "sent");
            using var second = await ConnectAsync(family, "legacy");
            await second.GreetAsync(Deadline);
            Assert.That(await CountAsync(Client, "hostProxy", "sent"), Is.EqualTo(sent), "no SYN has gone to the proxy");
        }
        finally
        {
            await Lab.RestoreAsync("proxy", Deadline);
        }
    }
}
