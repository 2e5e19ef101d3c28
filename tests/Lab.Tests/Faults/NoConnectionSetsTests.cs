using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>Where the kernel gives the box no sets, it serves as well, and says what that costs.</summary>
public sealed class NoConnectionSetsTests() : ServingLabFixture("one-proxy")
{
    // A set of the name of the box's is there, of another kind.
    protected override async Task PrepareAsync() =>
        (await Box.RunAsync("ipset", "create", "MBX-SYN6", "hash:net", "family", "inet6")).RequireSuccess();

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task MPTCP_client_is_served_and_SYNACKs_of_plain_clients_are_queued(AddressFamily family)
    {
        using var served = await ConnectOverBothAccessesAsync(family);
        var before = await Box.StatusAsync(Deadline);

        using var plain = await ConnectAsync(family, mptcp: false, port: 7001);

        Assert.That((await Box.StatusAsync(Deadline)).Queued, Is.GreaterThan(before.Queued));
        Assert.That(Box.BoxLog, Does.Contain("MBX-SYN6"));
        Assert.That(await Box.RunAsync("ipset", "list", "-n"), Has.Property("Output").EqualTo("MBX-SYN6\n"), "none of its own is left");
    }
}
