using System.Net.Sockets;
using Middlebox.Lab.Tests.Hostile;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native;
using Middlebox.Testing;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>Where the kernel gives the box no sets, it serves as well, and says what that costs.</summary>
public sealed class NoConnectionSetsTests() : ServingLabFixture("one-proxy")
{
    // A set of the name of the box's is there, of another kind, and in use, or it would be taken for what a box has left that was killed.
    protected override async Task PrepareAsync()
    {
        (await Box.RunAsync("ipset", "create", "MBX-SYN6", "hash:net", "family", "inet6")).RequireSuccess();
        (await Box.RunAsync("ip6tables", "-A", "INPUT", "-m", "set", "--match-set", "MBX-SYN6", "src", "-j", "ACCEPT")).RequireSuccess();
    }

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

    // With which it answers a segment of no connection; a daemon that stands still is not to hold it back.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task RST_in_the_name_of_the_box_itself_is_not_queued(AddressFamily family)
    {
        const int ClosedPort = 6999;
        var (client, box) = (Lab.EndpointOf("client", family, 30_000), Lab.EndpointOf("box", family, ClosedPort));
        var before = await Box.StatusAsync(Deadline);
        using var capture = new PacketCapture(Client);
        using var sender = Client.InNamespace(() => new RawPacketSocket(mark: 0));

        Assert.That(sender.Send(PacketBuilder.Ack(client.ToString(), box.ToString()).Build()), Is.EqualTo(Errno.None));
        await capture.ReceiveAsync(ClosedPort, Deadline);

        Assert.That((await Box.StatusAsync(Deadline)).Queued, Is.EqualTo(before.Queued));
    }
}
