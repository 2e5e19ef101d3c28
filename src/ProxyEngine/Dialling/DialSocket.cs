using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Dialling;

/// <summary>
/// Opens an MPTCP connection to a server with a client's address and port (IP_TRANSPARENT, ip(7)). Further subflows, which the kernel's path
/// manager opens from endpoints of the box, inherit the mark and the options.
/// </summary>
internal static class DialSocket
{
    /// <summary>Begins to connect.</summary>
    /// <param name="flow">Whose addresses and ports.</param>
    /// <param name="settings">What the socket is told.</param>
    /// <param name="socket">Connecting, or connected already; null if false is returned.</param>
    /// <param name="failedCall">The system call that failed, if one did.</param>
    public static Errno Open(in FlowKey flow, LegSettings settings, out FileDescriptor? socket, out string failedCall)
    {
        socket = null;
        failedCall = "socket";
        var isIpv4 = flow.Client.Address.IsIpv4;
        var candidate = Libc.socket(
            isIpv4 ? Libc.AF_INET : Libc.AF_INET6,
            Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC,
            Libc.IPPROTO_MPTCP);
        if (candidate.IsInvalid)
            return Libc.LastError;

        failedCall = "setsockopt";
        var error = settings.ApplyTo(candidate, isIpv4);
        if (error == Errno.None)
            error = Connect(candidate, in flow, out failedCall);
        if (error == Errno.None)
            socket = candidate;
        else
            candidate.Dispose();
        return error;
    }

    private static Errno Connect(FileDescriptor socket, in FlowKey flow, out string failedCall)
    {
        failedCall = "bind";
        var client = flow.Client.ToSocketAddress();
        if (Libc.bind(socket, in client, client.Length) < 0)
            return Libc.LastError;
        failedCall = "connect";
        var server = flow.Server.ToSocketAddress();
        return Libc.connect(socket, in server, server.Length) < 0 && Libc.LastError != Errno.EINPROGRESS
            ? Libc.LastError
            : Errno.None;
    }
}
