using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Middlebox.Lab.Tests.Traffic;

/// <summary>Listening sockets of a host's, on a port that a test before may have used as well.</summary>
internal static class ServerSocket
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Listens on all addresses of the host.</summary>
    /// <remarks>
    /// A program that this process starts meanwhile holds copies of its sockets until it executes, and with them a listener that
    /// the test before has closed. The port is taken as long as that.
    /// </remarks>
    /// <exception cref="SocketException">The port stays occupied.</exception>
    public static Socket Listen(LabHost host, AddressFamily family, bool mptcp, int port, int backlog = 128)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var socket = host.CreateTcpSocket(family, mptcp);
            try
            {
                // So that each family can have a listener on the port.
                if (family == AddressFamily.InterNetworkV6)
                    socket.DualMode = false;
                socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, port));
                socket.Listen(backlog);
                return socket;
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse && watch.Elapsed < Patience)
            {
                socket.Dispose();
                Thread.Yield();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
