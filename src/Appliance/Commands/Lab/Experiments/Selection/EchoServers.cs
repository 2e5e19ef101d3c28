using System.Net;
using System.Net.Sockets;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>Servers in a host of a lab that speak plain TCP, send every byte back and close when the client does.</summary>
internal sealed class EchoServers : IDisposable
{
    private const int Backlog = 4096;
    private readonly List<Socket> _listeners = [];

    /// <param name="host">The host.</param>
    /// <param name="families">InterNetwork, InterNetworkV6.</param>
    /// <param name="ports">A server on each, for every family.</param>
    public EchoServers(LabHost host, IReadOnlyList<AddressFamily> families, IReadOnlyList<int> ports)
    {
        foreach (var family in families)
        {
            foreach (var port in ports)
            {
                var listener = host.CreateTcpSocket(family, mptcp: false);
                _listeners.Add(listener);
                listener.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, port));
                listener.Listen(Backlog);
                _ = AcceptAsync(listener);
            }
        }
    }

    public void Dispose() => _listeners.ForEach(listener => listener.Dispose());

    private static async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
                _ = EchoAsync(await listener.AcceptAsync());
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Disposed of.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        using var client = socket;
        var buffer = new byte[1];
        try
        {
            while (await client.ReceiveAsync(buffer) > 0)
                await client.SendAsync(buffer);
        }
        catch (SocketException)
        {
            // The client misses its byte, and tells.
        }
    }
}
