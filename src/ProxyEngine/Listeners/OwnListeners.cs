using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Listeners;

/// <summary>
/// MPTCP listeners at the box's own addresses, for clients that name their servers in the SYN (docs/addressed.md): open as long as the box serves, so that subflows can join.
/// The box's rules let nobody reach them but SYNs that the box delivers itself.
/// </summary>
/// <remarks>
/// They are not transparent: the rules would find the socket in TIME-WAIT of a connection for segments of the next one with the client's address and port, which the kernel may
/// relay by translation.
/// </remarks>
internal sealed class OwnListeners : IDisposable
{
    private readonly FileDescriptor[] _sockets;
    private readonly Dictionary<HostEndpoint, int> _numbers = [];

    /// <param name="endpoints">Own addresses and ports. One that cannot be listened on is told in the log, and the box does not act there.</param>
    /// <param name="settings">Of the listeners, and so of the connections.</param>
    /// <param name="backlog">Connections that may wait.</param>
    /// <param name="logger">The log.</param>
    public OwnListeners(IReadOnlyList<HostEndpoint> endpoints, LegSettings settings, int backlog, ILogger logger)
    {
        List<FileDescriptor> sockets = [];
        foreach (var endpoint in endpoints)
        {
            var error = Open(in endpoint, settings, backlog, out var socket);
            if (error != Errno.None)
            {
                ProxyEngineLog.OwnListenerUnavailable(logger, endpoint, error);
                socket.Dispose();
                continue;
            }

            _numbers.Add(endpoint, sockets.Count);
            sockets.Add(socket);
        }

        _sockets = [.. sockets];
    }

    /// <summary>How many there are; they have the numbers from 0 on.</summary>
    public int Count => _sockets.Length;

    public FileDescriptor this[int number] => _sockets[number];

    public bool Contains(in HostEndpoint endpoint) => _numbers.ContainsKey(endpoint);

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    private static Errno Open(in HostEndpoint endpoint, LegSettings settings, int backlog, out FileDescriptor socket)
    {
        var isIpv4 = endpoint.Address.IsIpv4;
        socket = Libc.socket(
            isIpv4 ? Libc.AF_INET : Libc.AF_INET6, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, Libc.IPPROTO_MPTCP);
        if (socket.IsInvalid)
            return Libc.LastError;
        if (settings.ApplyTo(socket) is not Errno.None and var error)
            return error;
        var address = endpoint.ToSocketAddress();
        return Libc.bind(socket, in address, address.Length) < 0 || Libc.listen(socket, backlog) < 0 ? Libc.LastError : Errno.None;
    }
}
