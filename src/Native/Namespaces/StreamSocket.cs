using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Middlebox.Native.Namespaces;

/// <summary>Stream sockets of a protocol that System.Net.Sockets has no name for.</summary>
public static class StreamSocket
{
    private const int IPPROTO_TCP = 6;
    private const int IPPROTO_MPTCP = 262;

    /// <summary>Creates a TCP or MPTCP socket in the network namespace of the calling thread.</summary>
    /// <param name="family">InterNetwork or InterNetworkV6.</param>
    /// <param name="mptcp">True for IPPROTO_MPTCP, which falls back to TCP by itself when the peer does not speak it.</param>
    /// <exception cref="IOException">The kernel refused, for example because it has no MPTCP.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The family is neither of the two.</exception>
    public static Socket Create(AddressFamily family, bool mptcp)
    {
        var domain = family switch
        {
            AddressFamily.InterNetwork => NamespaceCalls.AF_INET,
            AddressFamily.InterNetworkV6 => NamespaceCalls.AF_INET6,
            _ => throw new ArgumentOutOfRangeException(nameof(family), family, "IPv4 or IPv6 is needed."),
        };
        var protocol = mptcp ? IPPROTO_MPTCP : IPPROTO_TCP;
        var descriptor = NamespaceCalls.socket(domain, NamespaceCalls.SOCK_STREAM | NamespaceCalls.SOCK_CLOEXEC, protocol);
        if (descriptor < 0)
            throw new IOException($"socket({family}, protocol {protocol}): {Marshal.GetLastPInvokeErrorMessage()}.");
        return new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
    }
}
