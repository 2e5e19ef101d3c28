using System.Runtime.CompilerServices;

namespace Middlebox.Native;

/// <summary>
/// Tells that interfaces or addresses of this network namespace have changed (rtnetlink(7)), not which: whoever hears of it looks at all of
/// them, so that a message that was lost is no loss. Used by one thread.
/// </summary>
public sealed class LinkEventSocket : IDisposable
{
    private const int NETLINK_ROUTE = 0;
    private const uint RTMGRP_LINK = 0x1;
    private const uint RTMGRP_IPV4_IFADDR = 0x10;
    private const uint RTMGRP_IPV6_IFADDR = 0x100;

    private readonly byte[] _message = new byte[1];

    /// <exception cref="ErrnoException">No socket could be had.</exception>
    public LinkEventSocket()
    {
        Descriptor = Libc.socket(
            Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, NETLINK_ROUTE);
        if (Descriptor.IsInvalid)
            throw ErrnoException.Last("socket", "NETLINK_ROUTE");
        var address = new sockaddr_nl
        {
            nl_family = Libc.AF_NETLINK,
            nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
        };
        if (Libc.bind(Descriptor, in address, Unsafe.SizeOf<sockaddr_nl>()) < 0)
            throw ErrnoException.Last("bind", "NETLINK_ROUTE");
    }

    /// <summary>Readable when something has changed.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Takes all messages so far; one that found no room (ENOBUFS) has told what it had to tell by that.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Drain()
    {
        var any = false;
        while (Libc.recv(Descriptor, ref _message[0], _message.Length, 0) >= 0 || Libc.LastError is Errno.ENOBUFS or Errno.EINTR)
            any = true;
        return any;
    }

    public void Dispose() => Descriptor.Dispose();
}
