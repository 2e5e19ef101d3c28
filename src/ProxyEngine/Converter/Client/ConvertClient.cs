using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Middlebox.Native;
using Middlebox.Native.Namespaces;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;

namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>
/// Connects to servers through a converter (RFC 8803), by MPTCP if the kernel has it. Remembers the cookie that the converter gives. For one use at a time.
/// </summary>
public sealed class ConvertClient(ConvertClientOptions options)
{
    private const int FastOpenReceiveBytes = 4 << 20;

    private byte[]? _cookie;

    /// <summary>Connects to a server. A converter that wants a cookie and gives one is asked once more (section 6.2.7).</summary>
    /// <param name="server">Where to.</param>
    /// <param name="data">What the server is told first; it goes into the SYN with the message, as far as there is room.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<ConvertAnswer> ConnectAsync(HostEndpoint server, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var answer = await AskAsync(server, data, cancellation);
        if (answer.Error != ConvertErrorCode.MissingCookie || answer.ErrorRest.Length == 0)
            return answer;
        _cookie = answer.ErrorRest;
        return await AskAsync(server, data, cancellation);
    }

    private async Task<ConvertAnswer> AskAsync(HostEndpoint server, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.Timeout);
        var socket = Open();
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(options.Converter.Address.ToString()), options.Converter.Port.Value), patience.Token);
            byte[] first = [.. ConnectMessage.For(in server, _cookie), .. data.Span];
            for (ReadOnlyMemory<byte> rest = first; rest.Length > 0;)
                rest = rest[await socket.SendAsync(rest, patience.Token)..];
            var answer = await ReceiveAsync(socket, patience.Token);
            if (answer.Connection is null)
                Reset(socket);
            return answer;
        }
        catch (SocketException failure)
        {
            Reset(socket);
            return new ConvertAnswer { Problem = $"the converter at {options.Converter} cannot be reached: {failure.Message}" };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Reset(socket);
            return new ConvertAnswer { Problem = $"the converter at {options.Converter} has not answered for {options.Timeout.TotalSeconds:0.#} s" };
        }
    }

    private Socket Open()
    {
        var family = options.Converter.Address.IsIpv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        Socket socket;
        try
        {
            socket = StreamSocket.Create(family, mptcp: true);
        }
        catch (ErrnoException)
        {
            // A kernel without MPTCP, or with it switched off: the converter serves plain TCP as well.
            socket = StreamSocket.Create(family, mptcp: false);
        }

        socket.NoDelay = true;
        if (options.FastOpen)
        {
            // Connecting waits for the first data, which goes into the SYN without a cookie of RFC 7413. A kernel that knows neither connects at once.
            TrySet(socket, SocketOption.TCP_FASTOPEN_NO_COOKIE);
            // Linux, up to 6.18 at least, does not let the receive window of an MPTCP connection grow that began in this way: with the window that it
            // begins with, downloads over two accesses take ten times as long and more.
            socket.ReceiveBufferSize = FastOpenReceiveBytes;
            TrySet(socket, SocketOption.TCP_FASTOPEN_CONNECT);
        }

        return socket;
    }

    private static void TrySet(Socket socket, int option)
    {
        try
        {
            socket.SetRawSocketOption(Libc.IPPROTO_TCP, option, MemoryMarshal.AsBytes<int>([1]));
        }
        catch (SocketException)
        {
        }
    }

    private async Task<ConvertAnswer> ReceiveAsync(Socket socket, CancellationToken cancellation)
    {
        var header = new byte[ConvertConstants.HeaderLength];
        if (!await FillAsync(socket, header, cancellation)
            || ConvertHeader.Read(header, out var read) is not (ConvertRefusal.None or ConvertRefusal.UnsupportedVersion))
            return Foreign();
        var message = new byte[read.MessageLength];
        header.CopyTo(message, 0);
        return await FillAsync(socket, message.AsMemory(header.Length), cancellation) ? Read(socket, message) : Foreign();
    }

    private ConvertAnswer Read(Socket socket, byte[] message)
    {
        if (!ConvertReply.TryRead(message, out var reply))
            return Foreign();
        if (reply.Error is { } error)
            return new ConvertAnswer { Error = error, ErrorValue = reply.ErrorValue, ErrorRest = reply.ErrorRest.ToArray() };
        return new ConvertAnswer { Connection = socket, IsMptcp = IsMptcp(socket), ServerOptions = reply.ServerOptions.ToArray() };
    }

    /// <summary>Whoever answers so is no converter, or somebody on the way has changed the bytes: it must not be used (section 8).</summary>
    private ConvertAnswer Foreign() =>
        new() { Problem = $"what listens at {options.Converter} does not answer as a converter does, or is not the first to see the bytes; do not use it" };

    private static bool IsMptcp(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        try
        {
            return socket.GetRawSocketOption(Libc.IPPROTO_TCP, SocketOption.TCP_IS_MPTCP, value) > 0 && value[0] != 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <returns>False if the end came first.</returns>
    private static async Task<bool> FillAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (buffer.Length > 0)
        {
            var count = await socket.ReceiveAsync(buffer, cancellation);
            if (count == 0)
                return false;
            buffer = buffer[count..];
        }

        return true;
    }

    /// <summary>As the RFC wants it after an error (section 6.2.8).</summary>
    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }
}
