using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>Base of tests with a client that names its servers to a converter off the path (RFC 8803).</summary>
public abstract class ConverterFixture() : ServingLabFixture("explicit-host")
{
    protected const int ConverterPort = 5124;

    private static int _lastPort = 7300;

    protected LabHost Capable => Lab["capable"];

    protected LabHost Core => Lab["core"];

    // Short, so that tests of what does not come need not wait for long.
    protected override LabOptions Options => new() { BoxSettings = Settings };

    protected virtual Dictionary<string, string> Settings => new()
    {
        ["Middlebox:Converter:RequestTimeout"] = "00:00:01",
        ["Middlebox:Converter:ConnectTimeout"] = "00:00:02",
        ["Middlebox:Converter:ErrorsPerSecondPerClient"] = "1000",
    };

    protected static int NewPort() => Interlocked.Increment(ref _lastPort);

    protected IPEndPoint Converter(AddressFamily family) => Lab.EndpointOf("proxy", family, ConverterPort);

    /// <summary>A Connect message for a host of the lab, by the octets of figures 13 and 18.</summary>
    protected byte[] MessageFor(AddressFamily family, string host, int port) => ConvertOctets.Connect(Lab.AddressOf(host, family), port);

    /// <summary>Connects the client to the converter and sends these bytes: in the SYN with Fast Open, else when the connection is there.</summary>
    protected Socket Open(AddressFamily family, byte[] first, bool fastOpen = true, bool mptcp = true, IPAddress? from = null)
    {
        var socket = Client.CreateTcpSocket(family, mptcp);
        try
        {
            if (from is not null)
                socket.Bind(new IPEndPoint(from, 0));
            socket.NoDelay = true;
            if (fastOpen)
            {
                Set(socket, SocketOption.TCP_FASTOPEN_NO_COOKIE);
                Set(socket, SocketOption.TCP_FASTOPEN_CONNECT);
                socket.ReceiveBufferSize = 4 << 20;
            }

            socket.Connect(Converter(family));
            if (first.Length > 0)
                socket.Send(first);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Receives a Convert message of the converter as a whole; empty if it ends or resets the connection instead.</summary>
    protected async Task<byte[]> ReceiveMessageAsync(Socket socket)
    {
        try
        {
            var header = await ReceiveExactlyAsync(socket, 4);
            return header.Length < 4 ? [] : [.. header, .. await ReceiveExactlyAsync(socket, (header[1] * 4) - 4)];
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionReset)
        {
            return [];
        }
    }

    /// <summary>Sends a message and returns the answer.</summary>
    protected async Task<byte[]> AskAsync(AddressFamily family, params byte[] message)
    {
        using var socket = Open(family, message);
        return await ReceiveMessageAsync(socket);
    }

    /// <summary>
    /// Connects the client through the converter to a server that listens as long as the connection. Without Fast Open unless asked for: transfers of connections
    /// that began with it are at the mercy of the kernel's faults (docs/rfc8803.md).
    /// </summary>
    /// <returns>The connection, and what the converter answered.</returns>
    protected async Task<(Connection Connection, byte[] Answer)> ConvertAsync(AddressFamily family, string to, bool fastOpen = false, bool mptcp = true)
    {
        var port = NewPort();
        var listener = Connection.Listen(Lab, family, to, port);
        var accepting = listener.AcceptAsync(Deadline);
        var client = Open(family, MessageFor(family, to, port), fastOpen, mptcp);
        try
        {
            var answer = await ReceiveMessageAsync(client);
            return (new Connection(client, await accepting, listener), answer);
        }
        catch
        {
            client.Dispose();
            listener.Dispose();
            throw;
        }
    }

    /// <summary>How often the box has refused for a reason.</summary>
    protected Task<long> RefusedAsync(string reason) => CountAsync(Box, "converter", "refused", reason);

    /// <summary>Connections that are being set up.</summary>
    protected Task<long> PendingAsync() => CountAsync(Box, "converter", "pending");

    private static void Set(Socket socket, int option) =>
        socket.SetRawSocketOption(Libc.IPPROTO_TCP, option, MemoryMarshal.AsBytes<int>([1]));

    private async Task<byte[]> ReceiveExactlyAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        var received = 0;
        while (received < count && await socket.ReceiveAsync(buffer.AsMemory(received), Deadline) is > 0 and var more)
            received += more;
        return buffer[..received];
    }
}
