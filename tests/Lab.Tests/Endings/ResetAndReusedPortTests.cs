using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Load;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Endings;

/// <summary>A client that resets its connection, and makes the next from the same port in the same moment.</summary>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class ResetAndReusedPortTests(string topology) : ServingLabFixture(topology)
{
    private const int Attempts = 300;
    private const int Port = 7000;
    private const int ClientPort = 40_002;

    // A SYN that is not answered is repeated after a second.
    private static readonly TimeSpan SynTimeout = TimeSpan.FromSeconds(1);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Each_connection_comes_about_at_once(AddressFamily family)
    {
        var before = await IdleAsync();
        using var echo = new EchoServer(Lab, family, "legacy", Port, threads: 4);
        var from = new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, ClientPort);
        var server = Lab.EndpointOf("legacy", family, Port);

        var slow = Client.InNamespace(() => Enumerable.Range(0, Attempts).Count(_ => Exchange(family, from, server) > SynTimeout));

        Assert.That(slow, Is.Zero, $"of {Attempts} connections");
        var after = await IdleAsync();
        // On a machine that is busy with something else, ending the earlier connection may take longer than the SYN is kept.
        var unproxied = after.Bypassed("earlierFlowRemains") - before.Bypassed("earlierFlowRemains");
        Assert.That(after.TotalFlows - before.TotalFlows, Is.EqualTo(Attempts - unproxied));
        Assert.That(unproxied, Is.LessThanOrEqualTo(Attempts / 100));
    }

    private static TimeSpan Exchange(AddressFamily family, IPEndPoint from, IPEndPoint server)
    {
        var start = Stopwatch.GetTimestamp();
        using var socket = StreamSocket.Create(family, mptcp: true);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(from);
        socket.Connect(server);
        Span<byte> buffer = [1];
        socket.Send(buffer);
        Assert.That(socket.Receive(buffer), Is.EqualTo(1));
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        return Stopwatch.GetElapsedTime(start);
    }
}
