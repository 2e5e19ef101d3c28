using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Places;

/// <summary>The configurations for common places, each where it belongs. That for two boxes with bonded links is in <c>Bonding</c>.</summary>
/// <param name="configuration">Its name.</param>
/// <param name="topology">The place.</param>
/// <param name="port">A port that it serves.</param>
/// <param name="letAlone">What a client asks for that it does not serve.</param>
[TestFixture("access-gateway", "masquerade", 7000, "--interface 198.18.2.2 http://198.18.10.2/whoami")]
[TestFixture("data-centre-edge", "one-proxy", 443, "http://198.18.11.2/whoami")]
[TestFixture("host", "one-proxy", 7000, "http://198.18.11.2/whoami")]
public sealed class PlaceTests(string configuration, string topology, int port, string letAlone) : ServingLabFixture(topology)
{
    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Boxes =
        [
            .. shipped.Boxes.Select(box => box with
            {
                Configuration = Path.Combine(Path.GetDirectoryName(box.Configuration)!, $"{configuration}.json"),
            }),
        ],
    };

    [Test]
    public async Task Connection_IsServedOverBothAccesses([Values(AddressFamily.InterNetwork, AddressFamily.InterNetworkV6)] AddressFamily family)
    {
        using var connection = await ConnectAsync(family, port: port);
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);
    }

    [Test]
    public async Task WhatThePolicyDoesNotName_Passes()
    {
        (await Client.RunAsync(["sh", "-c", $"mptcpize run curl -sS -o /dev/null {letAlone}"], null, Deadline)).RequireSuccess();
        var status = await Box.StatusAsync(Deadline);
        Assert.That(status.Bypassed("policyBypass"), Is.EqualTo(1));
    }
}
