using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>A host that is not to go anywhere without its proxy, and sends the connections of one user over it.</summary>
public sealed class RefusingHostTests : AddressedFixture
{
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:HostProxy:WhenUnreachable"] = "Refuse",
            ["Middlebox:HostProxy:UnansweredSyns"] = "1",
            ["Middlebox:HostProxy:Rules:0:Ports"] = "80,7000-7100",
            ["Middlebox:HostProxy:Rules:0:User"] = "root",
            ["Middlebox:HostProxy:Rules:1:Ports"] = "80",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Unreachable_proxy_connections_are_refused(AddressFamily family)
    {
        await Lab.CutAsync("proxy", Deadline);
        try
        {
            using var client = Client.CreateTcpSocket(family, mptcp: true);
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
            soon.CancelAfter(Patience / 2);
            Assert.That(
                async () => await client.ConnectAsync(Lab.EndpointOf("capable", family, 80), soon.Token),
                Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused));
        }
        finally
        {
            await Lab.RestoreAsync("proxy", Deadline);
        }
    }

    [TestCase(7002, "proxy")]
    [TestCase(7200, "client")]
    public async Task Rule_names_the_ports(int port, string seen)
    {
        using var connection = await ConnectAsync(AddressFamily.InterNetwork, "legacy", port: port);
        await connection.GreetAsync(Deadline);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf(seen, AddressFamily.InterNetwork)));
        // Further subflows are the kernel's, and go where the connection has gone.
        if (seen == Proxy.Name)
            await FlowAsync(subflows: 2);
        else
            Assert.That(await Proxy.FlowsAsync(Deadline), Is.Empty);
    }

    // The shipped server answers with the address that it sees.
    [TestCase("root", "198.18.3.2")]
    [TestCase("nobody", "198.18.1.2")]
    public async Task Rule_names_the_user(string user, string seen)
    {
        using var listener = Connection.Listen(Lab, AddressFamily.InterNetwork, "legacy", 7003);
        var accepting = listener.AcceptAsync(Deadline);
        var run = Client.RunAsync("setpriv", "--reuid", user, "mptcpize", "run", "curl", "-s", "-m", "5", "telnet://198.18.10.2:7003");
        using (var server = await accepting)
            Assert.That(((IPEndPoint)server.RemoteEndPoint!).Address.ToString(), Is.EqualTo(seen));
        await run;
    }
}
