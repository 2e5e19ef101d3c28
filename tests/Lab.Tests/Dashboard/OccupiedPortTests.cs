using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Dashboard;

/// <summary>Somebody else has the dashboard's port: the box says so, and serves.</summary>
public sealed class OccupiedPortTests() : ServingLabFixture("one-proxy")
{
    protected override LabOptions Options => new() { StartBoxes = false };

    [Test]
    public async Task Box_ServesWithoutADashboard()
    {
        using var other = Box.InNamespace(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 9465));
            socket.Listen();
            return socket;
        });
        await Box.StartBoxAsync(Deadline);
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        Assert.That(Box.BoxLog, Does.Contain("No dashboard: 127.0.0.1:9465 cannot be listened on"));
    }
}
