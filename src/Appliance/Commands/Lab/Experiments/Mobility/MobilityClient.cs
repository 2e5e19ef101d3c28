using System.Net;
using System.Net.Sockets;
using Middlebox.Lab;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Converter;
using Middlebox.ProxyEngine.Converter.Client;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>The moving client of a lab in one mode: its path manager, its connections, and where they lead.</summary>
internal sealed class MobilityClient(Laboratory lab, MobilityMode mode)
{
    private static readonly IPAddress Wifi = IPAddress.Parse("198.18.1.2");
    private static readonly IPAddress Cellular = IPAddress.Parse("198.18.2.2");
    private static readonly IPAddress Server = IPAddress.Parse("198.18.10.2");
    private static readonly HostEndpoint Converter = new(HostAddress.Parse("198.18.3.2"), new PortNumber(ConverterOptions.UsualPort));

    // Longer than a trace.
    private static readonly TimeSpan ConverterPatience = TimeSpan.FromMinutes(1);

    /// <summary>Whether connections are MPTCP and so must have been served by the box.</summary>
    public bool IsMptcp => mode is not (MobilityMode.TcpWifi or MobilityMode.TcpCellular);

    /// <summary>Whether connections are addressed to the box, which is told the server.</summary>
    public bool IsAddressing => mode == MobilityMode.Addressed;

    /// <summary>Sets the path manager up: the endpoint of cellular, without it, or as a backup.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await IpAsync(cancellation, "endpoint", "flush");
        if (mode is MobilityMode.Full or MobilityMode.Addressed)
            await IpAsync(cancellation, "endpoint", "add", $"{Cellular}", "dev", "lte", "subflow");
        if (mode == MobilityMode.Backup)
            await IpAsync(cancellation, "endpoint", "add", $"{Cellular}", "dev", "lte", "subflow", "backup");
    }

    /// <summary>
    /// What the connection manager of a telephone does in single-path mode when its radio reports that Wi-Fi is gone, and when it is back; nothing in the
    /// other modes, in which the kernel finds out by itself.
    /// </summary>
    public async Task OnWifiAsync(bool isUp, CancellationToken cancellation)
    {
        if (mode != MobilityMode.SinglePath)
            return;
        var (come, gone) = isUp ? ((Wifi, "wifi"), Cellular) : ((Cellular, "lte"), Wifi);
        await IpAsync(cancellation, "endpoint", "flush");
        await IpAsync(cancellation, "endpoint", "add", $"{come.Item1}", "dev", come.Item2, "subflow");
        // The address of the first subflow has the id 0 in every connection; what has left no longer counts as a path.
        if (!isUp)
            await lab["client"].RunAsync(["ip", "mptcp", "endpoint", "delete", "id", "0", $"{gone}"], input: null, cancellation);
    }

    /// <summary>A connection to the legacy server.</summary>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="IOException">The addressed box has refused, or not answered.</exception>
    public Task<Socket> ConnectAsync(int port, CancellationToken cancellation) => IsAddressing
        ? ConnectThroughConverterAsync(new HostEndpoint(HostAddress.Parse($"{Server}"), new PortNumber((ushort)port)), cancellation)
        : ConnectDirectlyAsync(new IPEndPoint(Server, port), cancellation);

    private async Task<Socket> ConnectThroughConverterAsync(HostEndpoint server, CancellationToken cancellation)
    {
        var converter = new ConvertClient(new ConvertClientOptions(Converter, FastOpen: true, ConverterPatience));
        // The socket is made before the first wait, and so belongs to the client's namespace.
        var answer = await lab["client"].InNamespace(() => converter.ConnectAsync(server, ReadOnlyMemory<byte>.Empty, cancellation));
        return answer.Connection ?? throw new IOException(answer.Problem ?? $"{server} through {Converter}: {answer.Error}");
    }

    private async Task<Socket> ConnectDirectlyAsync(IPEndPoint server, CancellationToken cancellation)
    {
        var socket = lab["client"].CreateTcpSocket(AddressFamily.InterNetwork, IsMptcp);
        try
        {
            if (mode is MobilityMode.TcpCellular)
                socket.Bind(new IPEndPoint(Cellular, 0));
            socket.NoDelay = true;
            await socket.ConnectAsync(server, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A listening socket of the legacy server.</summary>
    public Socket Listen(int port)
    {
        var socket = lab["legacy"].CreateTcpSocket(AddressFamily.InterNetwork, mptcp: false);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        socket.Listen();
        return socket;
    }

    private async Task IpAsync(CancellationToken cancellation, params string[] arguments) =>
        (await lab["client"].RunAsync(["ip", "mptcp", .. arguments], input: null, cancellation)).RequireSuccess();
}
