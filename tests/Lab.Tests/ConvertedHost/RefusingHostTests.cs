using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.ConvertedHost;

/// <summary>A host that is not to go anywhere without its converter.</summary>
public sealed class RefusingHostTests : ConvertedHostFixture
{
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:HostProxy:WhenUnreachable"] = "Refuse",
            ["Middlebox:Converter:Ports"] = "80",
            ["Middlebox:Converter:RequireCookie"] = "true",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Cookie_that_the_converter_gives_is_brought(AddressFamily family) =>
        Assert.That(await SeenFromAsync(family, "legacy"), Is.EqualTo($"{Lab.AddressOf("proxy", family)}"));

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public void What_the_converter_does_not_allow_is_refused(AddressFamily family)
    {
        using var listener = Connection.Listen(Lab, family, "legacy", 8000);
        AssertRefused(family, "legacy", 8000);
    }

    [Test]
    public async Task Killed_converter_connections_are_refused()
    {
        await Converter.KillBoxAsync(Deadline);
        try
        {
            foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
                AssertRefused(family, "legacy", 80);
        }
        finally
        {
            await Converter.StartBoxAsync(Deadline);
        }
    }
}
