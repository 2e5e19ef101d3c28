using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Listeners;

/// <summary>
/// An MPTCP listener that accepts, in the servers' names, the connections to one destination port. Its own port is that
/// port, because the kernel takes an MP_JOIN only on a listener of the connection's port (counter
/// MPTcpExtMismatchPortSynRx otherwise).
/// </summary>
internal sealed class TransparentListener : IDisposable
{
    private TransparentListener(ListenerKey key, FileDescriptor socket)
    {
        Key = key;
        Socket = socket;
    }

    public ListenerKey Key { get; }

    public FileDescriptor Socket { get; }

    /// <summary>Connections that use the listener: being set up or relayed, for a join may come as long as they live.</summary>
    public int Users { get; set; }

    /// <summary>Since when there are none, as a time stamp of the table's clock.</summary>
    public long UnusedSince { get; set; }

    /// <summary>Opens a listener; the options set here are inherited by the connections it accepts.</summary>
    /// <returns>
    /// <see cref="Errno.EADDRINUSE"/> if a service of the box itself listens on the wildcard address of that port;
    /// <see cref="Errno.EMFILE"/> if descriptors are used up.
    /// </returns>
    public static Errno Open(ListenerKey key, LegSettings settings, int backlog, out TransparentListener? listener)
    {
        listener = null;
        var socket = Libc.socket(
            key.IsIpv4 ? Libc.AF_INET : Libc.AF_INET6,
            Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC,
            Libc.IPPROTO_MPTCP);
        if (socket.IsInvalid)
            return Libc.LastError;

        var error = settings.ApplyTo(socket, key.IsIpv4);
        if (error == Errno.None && !key.IsIpv4)
            error = SocketOption.Set(socket, Libc.IPPROTO_IPV6, SocketOption.IPV6_V6ONLY, 1);
        if (error == Errno.None)
            error = BindAndListen(socket, key, backlog);
        if (error != Errno.None)
        {
            socket.Dispose();
            return error;
        }

        listener = new TransparentListener(key, socket);
        return Errno.None;
    }

    /// <summary>A listener that an earlier daemon has opened.</summary>
    public static TransparentListener Inherit(ListenerKey key, FileDescriptor socket) => new(key, socket);

    public void Dispose() => Socket.Dispose();

    private static Errno BindAndListen(FileDescriptor socket, ListenerKey key, int backlog)
    {
        var address = new HostEndpoint(key.IsIpv4 ? ListenAddress.Ipv4 : ListenAddress.Ipv6, key.Port)
            .ToSocketAddress();
        if (Libc.bind(socket, in address, address.Length) < 0)
            return Libc.LastError;
        return Libc.listen(socket, backlog) < 0 ? Libc.LastError : Errno.None;
    }
}
