using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Truthfulness;

/// <summary>Ports that the box keeps out of, for the sake of its own services: the connection works, without the box.</summary>
public sealed class OwnServiceTests() : ServingLabFixture("one-proxy")
{
    private const int ReservedPort = 22;
    private const int ServicePort = 7997;

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reserved_port_passes_unproxied(AddressFamily family) =>
        await RequireUnproxiedAsync(family, ReservedPort, "portReserved");

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Port_of_a_wildcard_service_of_the_box_passes_unproxied(AddressFamily family)
    {
        using var service = Box.InNamespace(() =>
        {
            var socket = StreamSocket.Create(family, mptcp: false);
            socket.Bind(new IPEndPoint(
                family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, ServicePort));
            socket.Listen();
            return socket;
        });

        await RequireUnproxiedAsync(family, ServicePort, "listenerUnavailable");

        using var visitor = Client.CreateTcpSocket(family, mptcp: false);
        await visitor.ConnectAsync(Lab.EndpointOf("box", family, ServicePort), Deadline);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Port_that_is_proxied_does_not_serve_strangers_at_the_box(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        using var stranger = Client.CreateTcpSocket(family, mptcp: true);

        var refused = await Assert.ThrowsAsync<SocketException>(
            async () => await stranger.ConnectAsync(Lab.EndpointOf("box", family, 7000), Deadline));

        Assert.That(refused!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
    }

    private async Task RequireUnproxiedAsync(AddressFamily family, int port, string reason)
    {
        var before = await IdleAsync();
        using var connection = await ConnectAsync(family, port: port);
        await connection.GreetAsync(Deadline);

        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Released(reason) - before.Released(reason), Is.EqualTo(1));
        Assert.That((after.Contexts, after.TotalFlows), Is.EqualTo((0L, before.TotalFlows)));
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
    }
}
