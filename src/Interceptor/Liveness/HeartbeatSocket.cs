using Middlebox.Interceptor.Rules;
using Middlebox.Native;
using static Middlebox.Interceptor.Queue.NfqueueConstants;

namespace Middlebox.Interceptor.Liveness;

/// <summary>
/// Renews the entries of the <see cref="HeartbeatSet"/> in one system call, with messages that are written once (nfnetlink, linux/netfilter/ipset/ip_set.h).
/// Used by one thread.
/// </summary>
internal sealed class HeartbeatSocket : IDisposable
{
    private readonly FileDescriptor _descriptor;
    private readonly byte[] _messages = HeartbeatMessages.Write();

    /// <exception cref="ErrnoException">The socket cannot be had.</exception>
    public HeartbeatSocket()
    {
        _descriptor = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, NETLINK_NETFILTER);
        if (_descriptor.IsInvalid)
            throw ErrnoException.Last("socket", "NETLINK_NETFILTER");
    }

    /// <summary>
    /// Renews them. Where there are no such sets, the kernel's complaints wait in the socket, as many as it takes, and nobody reads them:
    /// the rules then ask for no sign of life either.
    /// </summary>
    public void Renew() => _ = Libc.send(_descriptor, in _messages[0], _messages.Length, Libc.MSG_DONTWAIT);

    public void Dispose() => _descriptor.Dispose();
}
