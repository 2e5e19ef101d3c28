using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>
/// Takes the connections of programs of this host that the kernel translates to it: a TCP socket on the loopback address, at a port that the kernel chooses. Whoever
/// connects there uncalled-for is reset.
/// </summary>
internal sealed class ProgramListener : IDisposable
{
    private static readonly HostAddress Ipv4 = HostAddress.Parse("127.0.0.1");
    private static readonly HostAddress Ipv6 = HostAddress.Parse("::1");

    private ProgramListener(FileDescriptor socket, HostEndpoint endpoint) => (Socket, Endpoint) = (socket, endpoint);

    public FileDescriptor Socket { get; }

    public HostEndpoint Endpoint { get; }

    /// <summary>Opens one; null if this host does not have the family.</summary>
    /// <exception cref="ErrnoException">It cannot be had.</exception>
    public static ProgramListener? Open(bool isIpv4, ProxyEngineOptions options)
    {
        var socket = Libc.socket(isIpv4 ? Libc.AF_INET : Libc.AF_INET6, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, Libc.IPPROTO_TCP);
        if (socket.IsInvalid)
            return Libc.LastError == Errno.EAFNOSUPPORT ? null : throw ErrnoException.Last("socket");
        // Accepted connections inherit it.
        ConverterSocket.Configure(socket, options, congestionControl: null);
        var name = new HostEndpoint(isIpv4 ? Ipv4 : Ipv6, default).ToSocketAddress();
        if (Libc.bind(socket, in name, name.Length) == 0 && Libc.listen(socket, options.ListenBacklog) == 0)
        {
            var bound = default(sockaddr);
            var length = sockaddr.MaximumLength;
            _ = Libc.getsockname(socket, ref bound, ref length);
            return new ProgramListener(socket, bound.ToEndpoint());
        }

        var error = Libc.LastError;
        socket.Dispose();
        return error == Errno.EADDRNOTAVAIL ? null : throw new ErrnoException("bind to the loopback address", error);
    }

    public void Dispose() => Socket.Dispose();
}
