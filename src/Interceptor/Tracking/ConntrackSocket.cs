using System.Runtime.InteropServices;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using static Middlebox.Interceptor.Queue.NfqueueConstants;
using static Middlebox.Interceptor.Tracking.ConntrackConstants;

namespace Middlebox.Interceptor.Tracking;

/// <summary>
/// Speaks to the kernel's connection tracking (nfnetlink, linux/netfilter/nfnetlink_conntrack.h) of the network namespace of the thread that made it. Used by one thread.
/// </summary>
/// <param name="marks">The bits of a mark that may be changed.</param>
internal sealed class ConntrackSocket(PacketMarks marks) : IConnectionTracking, IDisposable
{
    private const int MessageCapacity = 512;
    private const int AnswerCapacity = 4096;

    // An entry whose connection never comes, and of one that waits for its server: as long as the kernel gives a SYN.
    private const uint SetupSeconds = 120;

    private readonly FileDescriptor _descriptor = Open();

    public Errno Create(in FlowKey flow, HostAddress? source, HostEndpoint? destination, uint mark)
    {
        Span<byte> buffer = stackalloc byte[MessageCapacity];
        var message = new ConntrackMessage(buffer, IPCTNL_MSG_CT_NEW, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, in flow);
        message.WriteAnswers(in flow);
        message.WriteNumber(CTA_TIMEOUT, SetupSeconds);
        message.WriteNumber(CTA_MARK, mark);
        if (source is { } address)
            message.WriteTranslation(CTA_NAT_SRC, address, port: null);
        if (destination is { } other)
            message.WriteTranslation(CTA_NAT_DST, other.Address, other.Port);
        return Ask(message.Finish(), out _);
    }

    public Errno CreateBegun(in FlowKey flow, uint mark)
    {
        Span<byte> buffer = stackalloc byte[MessageCapacity];
        var message = new ConntrackMessage(buffer, IPCTNL_MSG_CT_NEW, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, in flow);
        message.WriteAnswers(in flow);
        message.WriteNumber(CTA_TIMEOUT, SetupSeconds);
        message.WriteNumber(CTA_MARK, mark);
        message.WriteBegun();
        // To itself: then the administrator's translation does not apply.
        message.WriteTranslation(CTA_NAT_SRC, flow.Client.Address, port: null);
        return Ask(message.Finish(), out _);
    }

    public void Mark(in FlowKey flow, uint mark)
    {
        Span<byte> buffer = stackalloc byte[MessageCapacity];
        var message = new ConntrackMessage(buffer, IPCTNL_MSG_CT_NEW, NLM_F_ACK, in flow);
        message.WriteNumber(CTA_MARK, mark);
        message.WriteNumber(CTA_MARK_MASK, marks.Mask);
        _ = Ask(message.Finish(), out _);
    }

    public bool TryTrust(in FlowKey flow)
    {
        Span<byte> buffer = stackalloc byte[MessageCapacity];
        var message = new ConntrackMessage(buffer, IPCTNL_MSG_CT_NEW, NLM_F_ACK, in flow);
        message.WriteTrusted();
        return Ask(message.Finish(), out _) == Errno.None;
    }

    public void Delete(in FlowKey flow)
    {
        Span<byte> buffer = stackalloc byte[MessageCapacity];
        var message = new ConntrackMessage(buffer, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, in flow);
        _ = Ask(message.Finish(), out _);
    }

    public bool TryFind(in FlowKey flow, out ConntrackEntry entry)
    {
        Span<byte> buffer = stackalloc byte[MessageCapacity];
        var message = new ConntrackMessage(buffer, IPCTNL_MSG_CT_GET, NLM_F_ACK, in flow);
        return Ask(message.Finish(), out entry) == Errno.None && entry != default;
    }

    public void Dispose() => _descriptor.Dispose();

    private static FileDescriptor Open()
    {
        var descriptor = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, NETLINK_NETFILTER);
        return descriptor.IsInvalid ? throw ErrnoException.Last("socket", "NETLINK_NETFILTER") : descriptor;
    }

    /// <summary>Sends a request and takes its answers up to the acknowledgment, which the kernel has written before the request has returned.</summary>
    private Errno Ask(ReadOnlySpan<byte> message, out ConntrackEntry entry)
    {
        entry = default;
        if (Libc.send(_descriptor, in message[0], message.Length, 0) < 0)
            return Libc.LastError;
        Span<byte> answer = stackalloc byte[AnswerCapacity];
        while (true)
        {
            var length = Libc.recv(_descriptor, ref answer[0], answer.Length, Libc.MSG_DONTWAIT);
            if (length < 0)
                return Libc.LastError;
            if (ReadAnswers(answer[..(int)length], ref entry) is { } error)
                return error;
        }
    }

    /// <returns>What the acknowledgment says; null if there is none among them.</returns>
    private static Errno? ReadAnswers(ReadOnlySpan<byte> datagram, ref ConntrackEntry entry)
    {
        while (datagram.Length >= NLMSG_HDRLEN)
        {
            var length = MemoryMarshal.Read<uint>(datagram);
            if (length < NLMSG_HDRLEN || length > (uint)datagram.Length)
                return null;
            var content = datagram[NLMSG_HDRLEN..(int)length];
            switch (MemoryMarshal.Read<ushort>(datagram[4..]))
            {
                case NLMSG_ERROR when content.Length >= sizeof(int):
                    return (Errno)(-MemoryMarshal.Read<int>(content));
                case IPCTNL_MSG_CT_NEW when content.Length >= NFGENMSG_LEN && ConntrackEntry.TryRead(content[NFGENMSG_LEN..], out var read):
                    entry = read;
                    break;
            }

            datagram = datagram[Math.Min(Align((int)length), datagram.Length)..];
        }

        return null;
    }
}
