using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Middlebox.Native;

namespace Middlebox.ProxyEngine.Paths;

/// <summary>Asks the kernel about an MPTCP connection, by the socket options of linux/mptcp.h. Any thread may ask.</summary>
internal static class MptcpSocket
{
    private const int MaximumSubflows = 16;

    /// <summary>Whether the connection speaks MPTCP; false after a fallback, and once it has been closed.</summary>
    public static bool IsMptcp(FileDescriptor socket) =>
        SocketOption.Get(socket, Libc.IPPROTO_TCP, SocketOption.TCP_IS_MPTCP, out int isMptcp) == Errno.None && isMptcp != 0;

    /// <summary>The token that MP_JOINs for the connection carry; null if there is none.</summary>
    public static uint? TokenOf(FileDescriptor socket) =>
        SocketOption.Get(socket, SocketOption.SOL_MPTCP, SocketOption.MPTCP_INFO, out mptcp_info info) == Errno.None
            ? info.mptcpi_token
            : null;

    /// <summary>What the kernel says of both legs of a connection; where a leg has closed, little.</summary>
    /// <param name="mptcp">The one of them that speaks MPTCP.</param>
    /// <param name="client">The client's.</param>
    /// <param name="server">The server's.</param>
    public static PathSnapshot PathOf(FileDescriptor mptcp, FileDescriptor client, FileDescriptor server)
    {
        try
        {
            var isMptcp = SocketOption.Get(mptcp, SocketOption.SOL_MPTCP, SocketOption.MPTCP_INFO, out mptcp_info info) == Errno.None
                && IsMptcp(mptcp)
                && (info.mptcpi_flags & mptcp_info.MPTCP_INFO_FLAG_FALLBACK) == 0;
            return new PathSnapshot(
                isMptcp,
                info.mptcpi_subflows,
                info.mptcpi_subflows_max,
                info.mptcpi_add_addr_signal,
                CongestionControlOf(client),
                CongestionControlOf(server));
        }
        catch (ObjectDisposedException)
        {
            // The relay thread has closed the connection since the caller found it.
            return new PathSnapshot(IsMptcp: false, 0, 0, 0, "", "");
        }
    }

    /// <summary>Bytes that were given to the kernel and that it has not sent yet, for want of room in the network or at the peer; 0 if there is no telling.</summary>
    public static long UnsentBytes(FileDescriptor socket)
    {
        try
        {
            return Libc.ioctl(socket, Libc.SIOCOUTQNSD, out int count) < 0 ? 0 : count;
        }
        catch (ObjectDisposedException)
        {
            // The relay thread has closed the connection since the caller found it.
            return 0;
        }
    }

    private static string CongestionControlOf(FileDescriptor socket)
    {
        // TCP_CA_NAME_MAX
        Span<byte> name = stackalloc byte[16];
        var length = name.Length;
        return Libc.getsockopt(socket, Libc.IPPROTO_TCP, SocketOption.TCP_CONGESTION, ref name[0], ref length) == 0
            ? Encoding.ASCII.GetString(name[..length]).TrimEnd('\0')
            : "";
    }

    /// <summary>The subflows that are established now; empty for a connection that has fallen back or ended.</summary>
    public static IReadOnlyList<Subflow> SubflowsOf(FileDescriptor socket) =>
        [.. PerSubflow<mptcp_subflow_addrs>(socket, SocketOption.MPTCP_SUBFLOW_ADDRS)
            .Select(entry => new Subflow(entry.Local.ToEndpoint(), entry.Remote.ToEndpoint()))];

    /// <summary>
    /// Whether the connection has no subflow any more that is not closed; false if it has fallen back, and if there is no telling. Allocates nothing.
    /// </summary>
    public static bool IsWithoutSubflows(FileDescriptor socket)
    {
        // enum of linux/tcp_states.h. The state is the first byte of struct tcp_info, and no more is asked for.
        const byte Closed = 7;
        var headerLength = Unsafe.SizeOf<mptcp_subflow_data>();
        Span<byte> buffer = stackalloc byte[headerLength + MaximumSubflows];
        var header = new mptcp_subflow_data { size_subflow_data = (uint)headerLength, size_user = 1 };
        MemoryMarshal.Write(buffer, in header);
        var length = buffer.Length;
        return Libc.getsockopt(socket, SocketOption.SOL_MPTCP, SocketOption.MPTCP_TCPINFO, ref buffer[0], ref length) == 0
            && !buffer[headerLength..length].ContainsAnyExcept(Closed);
    }

    /// <summary>The subflows and what each has carried.</summary>
    /// <returns>Empty also when one came or went while they were read: nobody could tell then which figures are whose.</returns>
    public static IReadOnlyList<SubflowReading> ReadSubflows(FileDescriptor socket)
    {
        var before = SubflowsOf(socket);
        var figures = PerSubflow<tcp_info>(socket, SocketOption.MPTCP_TCPINFO);
        return figures.Length == before.Count && before.SequenceEqual(SubflowsOf(socket))
            ? [.. before.Zip(figures, static (subflow, info) => new SubflowReading(subflow, LegReading.Of(in info)))]
            : [];
    }

    /// <summary>What a TCP connection has carried; null if it has closed. Of MPTCP, the first subflow.</summary>
    public static LegReading? ReadLeg(FileDescriptor socket)
    {
        try
        {
            return SocketOption.Get(socket, Libc.IPPROTO_TCP, SocketOption.TCP_INFO, out tcp_info info) == Errno.None
                ? LegReading.Of(in info)
                : null;
        }
        catch (ObjectDisposedException)
        {
            // The relay thread has closed the connection since the caller found it.
            return null;
        }
    }

    /// <summary>The entries of an option that has one for each subflow.</summary>
    private static T[] PerSubflow<T>(FileDescriptor socket, int option)
        where T : unmanaged
    {
        var headerLength = Unsafe.SizeOf<mptcp_subflow_data>();
        var entryLength = Unsafe.SizeOf<T>();
        var buffer = new byte[headerLength + (MaximumSubflows * entryLength)];
        var header = new mptcp_subflow_data { size_subflow_data = (uint)headerLength, size_user = (uint)entryLength };
        MemoryMarshal.Write(buffer, in header);
        var length = buffer.Length;
        try
        {
            if (Libc.getsockopt(socket, SocketOption.SOL_MPTCP, option, ref buffer[0], ref length) < 0)
                return [];
        }
        catch (ObjectDisposedException)
        {
            // The relay thread has closed the connection since the caller found it.
            return [];
        }

        return MemoryMarshal.Cast<byte, T>(buffer.AsSpan(headerLength, length - headerLength)).ToArray();
    }
}
