using System.Net;
using System.Net.Sockets;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>The moving client of a lab in one mode: its path manager, its connections, and where they lead.</summary>
internal sealed class MobilityClient(Laboratory lab, MobilityMode mode)
{
    private static readonly IPAddress Wifi = IPAddress.Parse("198.18.1.2");
    private static readonly IPAddress Cellular = IPAddress.Parse("198.18.2.2");
    private static readonly IPAddress Server = IPAddress.Parse("198.18.10.2");

    /// <summary>Whether connections are MPTCP and so must have been served by the box.</summary>
    public bool IsMptcp => mode is not (MobilityMode.TcpWifi or MobilityMode.TcpCellular);

    /// <summary>Sets the path manager up: the endpoint of cellular, without it, or as a backup.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await IpAsync(cancellation, "endpoint", "flush");
        if (mode == MobilityMode.Full)
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
    public async Task<Socket> ConnectAsync(int port, CancellationToken cancellation)
    {
        var socket = lab["client"].CreateTcpSocket(AddressFamily.InterNetwork, IsMptcp);
        try
        {
            if (mode is MobilityMode.TcpCellular)
                socket.Bind(new IPEndPoint(Cellular, 0));
            socket.NoDelay = true;
            await socket.ConnectAsync(new IPEndPoint(Server, port), cancellation);
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
