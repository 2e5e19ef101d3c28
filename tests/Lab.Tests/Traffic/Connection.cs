using System.Net;
using System.Net.Sockets;

namespace Middlebox.Lab.Tests.Traffic;

/// <summary>A connection between two hosts of a lab, with both of its ends in the test's hands.</summary>
/// <remarks>The server's listener stays open with it, because the kernel takes an MP_JOIN only on a listener.</remarks>
public sealed class Connection(Socket client, Socket server, Socket listener) : IDisposable
{
    public Socket Client => client;

    public Socket Server => server;

    /// <summary>The client's address and port as the client knows them.</summary>
    public IPEndPoint ClientAddress => (IPEndPoint)client.LocalEndPoint!;

    /// <summary>The client's address and port as the server sees them.</summary>
    public IPEndPoint ClientAddressAtServer => (IPEndPoint)server.RemoteEndPoint!;

    /// <summary>Connects two hosts over a port of the server's that is open as long as the connection.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="family">InterNetwork or InterNetworkV6.</param>
    /// <param name="to">The server's host.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="mptcp">Whether the client's socket is an MPTCP socket; the server's is one on a capable host.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="clientPort">The client's port; 0 for any.</param>
    public static async Task<Connection> OpenAsync(
        Laboratory lab,
        AddressFamily family,
        string to,
        CancellationToken cancellation,
        bool mptcp = true,
        int port = 7000,
        int clientPort = 0)
    {
        var listener = Listen(lab, family, to, port);
        var client = lab["client"].CreateTcpSocket(family, mptcp);
        try
        {
            client.Bind(new IPEndPoint(AnyAddress(family), clientPort));
            var accepting = listener.AcceptAsync(cancellation);
            await client.ConnectAsync(lab.EndpointOf(to, family, port), cancellation);
            return new Connection(client, await accepting, listener);
        }
        catch
        {
            client.Dispose();
            listener.Dispose();
            throw;
        }
    }

    /// <summary>A listener of a server's host on all of its addresses, MPTCP if the host is a capable one.</summary>
    public static Socket Listen(Laboratory lab, AddressFamily family, string host, int port, int backlog = 128)
    {
        var capable = lab.Topology.Servers.Single(server => server.Host == host).Capable;
        return ServerSocket.Listen(lab[host], family, capable, port, backlog);
    }

    /// <summary>One byte each way: after it both ends know that the other has the connection's keys, and Linux joins.</summary>
    public async Task GreetAsync(CancellationToken cancellation)
    {
        await client.SendAsync("?"u8.ToArray(), cancellation);
        await ByteStream.ReceiveAsync(server, cancellation, atMost: 1);
        await server.SendAsync("!"u8.ToArray(), cancellation);
        await ByteStream.ReceiveAsync(client, cancellation, atMost: 1);
    }

    /// <summary>Closes with a reset (SO_LINGER 0): RST on TCP, MP_FASTCLOSE on MPTCP.</summary>
    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    private static IPAddress AnyAddress(AddressFamily family) =>
        family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
        listener.Dispose();
    }
}
