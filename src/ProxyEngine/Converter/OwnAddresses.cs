using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>
/// Asks the kernel's routes whether an address is this host's own, by connecting a datagram socket, which sends nothing: the way to an own address begins at
/// that address. Used by one thread.
/// </summary>
public sealed class OwnAddresses : IDisposable
{
    private static readonly PortNumber AnyPort = new(9);

    private readonly FileDescriptor _ipv4 = Open(Libc.AF_INET);
    private readonly FileDescriptor _ipv6 = Open(Libc.AF_INET6);

    /// <summary>Whether it is this host's, or the broadcast address of one of its networks.</summary>
    public bool Contains(HostAddress address)
    {
        var socket = address.IsIpv4 ? _ipv4 : _ipv6;
        var remote = new HostEndpoint(address, AnyPort).ToSocketAddress();
        if (Libc.connect(socket, in remote, remote.Length) < 0)
        {
            // EACCES: a broadcast address. Any other: there is no route, which the connection finds out for itself.
            return Libc.LastError == Errno.EACCES;
        }

        var local = default(sockaddr);
        var length = sockaddr.MaximumLength;
        return Libc.getsockname(socket, ref local, ref length) < 0 || local.ToEndpoint().Address == address;
    }

    public void Dispose()
    {
        _ipv4.Dispose();
        _ipv6.Dispose();
    }

    /// <remarks>A kernel without IPv6 gives no socket, and no call with it succeeds, so nothing is sent there either.</remarks>
    private static FileDescriptor Open(int family) => Libc.socket(family, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
}
