using System.Net.Sockets;
using Middlebox.Interceptor.Filtering;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>A host that connects to the proxy itself, and names the server without the help of a box: only the option is added to its SYN.</summary>
public sealed class HostOfItsOwnTests : AddressedFixture
{
    private const string JoinsTaken = "MPTcpExtMPJoinAckRx";
    private const ushort Queue = 4321;
    private const int ServerPort = 7005;
    private const long Amount = 20_000_000;

    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Host_is_told_the_servers_own_port_and_does_not_join_the_proxy(AddressFamily family, string tool)
    {
        var destination = new DestinationOption(HostEndpoint.Parse($"{Lab.EndpointOf("capable", family, ServerPort)}"), IsTransparent: false);
        using var queue = Client.InNamespace(() => new PacketFilterQueue(Queue, (buffer, length) =>
        {
            AddressedSyn.TryName(buffer, ref length, destination);
            return length;
        }));
        string[] rule =
        [
            "OUTPUT", "-p", "tcp", "--dport", "5125", "--tcp-flags", "SYN,ACK", "SYN", "-d", Lab.AddressOf("proxy", family).ToString(),
            "-j", "NFQUEUE", "--queue-num", $"{Queue}",
        ];
        (await Client.RunAsync(tool, ["-w", "-t", "mangle", "-A", .. rule])).RequireSuccess();
        try
        {
            var (joins, tried) = (Capable.Counter(JoinsTaken), Proxy.Counter("TcpOutRsts"));
            using var listener = Connection.Listen(Lab, family, "capable", ServerPort);
            var accepting = listener.AcceptAsync(Deadline);
            using var client = Client.CreateTcpSocket(family, mptcp: true);
            await client.ConnectAsync(Lab.EndpointOf("proxy", family, 5125), Deadline);
            using var connection = new Connection(client, await accepting, listener);
            await connection.GreetAsync(Deadline);
            await Condition.WaitAsync(() => Capable.Counter(JoinsTaken) > joins, Patience, "the client opens a subflow to the server itself", Deadline);
            var before = OctetsOverTheProxy;
            await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
            await AssertBytesArriveAsync(connection.Server, connection.Client, Amount);
            Assert.That(OctetsOverTheProxy - before, Is.LessThan(2 * Amount / 100 * 2));
            Assert.That(Proxy.Counter("TcpOutRsts"), Is.EqualTo(tried), "no subflow was tried at the proxy");
        }
        finally
        {
            (await Client.RunAsync(tool, ["-w", "-t", "mangle", "-D", .. rule])).RequireSuccess();
        }
    }
}
