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
    private const int Attempts = 100;

    // Before SYNs waited for the end of the earlier connection it was every third. A machine that is shared with others may stand still for longer
    // than they wait.
    private const int Spoilt = 2;
    private const int Port = 7000;
    private const int ClientPort = 40_002;

    // A SYN that is not answered is repeated after a second.
    private static readonly TimeSpan SynTimeout = TimeSpan.FromSeconds(1);

    // The reset of a client may get lost on its way, and MPTCP then waits for another subflow.
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:ProxyEngine:ClientAbsence"] = "00:00:01",
            ["Middlebox:ProxyEngine:IdleTimeout"] = "00:00:20",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Each_connection_comes_about_at_once(AddressFamily family)
    {
        var before = await IdleAsync();
        using var echo = new EchoServer(Lab, family, "legacy", Port, threads: 4);
        var from = new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, ClientPort);
        var server = Lab.EndpointOf("legacy", family, Port);

        var failures = Client.InNamespace(
            () => Enumerable.Range(0, Attempts).Select(_ => Exchange(family, from, server)).OfType<string>().ToList());

        Assert.That(failures, Has.Count.LessThanOrEqualTo(Spoilt));
        var after = await IdleAsync();
        Assert.That(after.TotalFlows - before.TotalFlows, Is.GreaterThanOrEqualTo(Attempts - Spoilt));
    }

    /// <returns>What was wrong with the connection, or null.</returns>
    private static string? Exchange(AddressFamily family, IPEndPoint from, IPEndPoint server)
    {
        var start = Stopwatch.GetTimestamp();
        using var socket = StreamSocket.Create(family, mptcp: true);
        socket.Bind(from);
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        try
        {
            socket.Connect(server);
            Span<byte> buffer = [1];
            socket.Send(buffer);
            if (socket.Receive(buffer) != 1)
                return "no answer";
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // The client's own kernel has not let go of the port yet.
            return Exchange(family, from, server);
        }
        catch (SocketException failure)
        {
            return failure.Message;
        }

        return Stopwatch.GetElapsedTime(start) is var elapsed && elapsed > SynTimeout ? $"took {elapsed.TotalMilliseconds:0} ms" : null;
    }
}
