using Middlebox.Native;
using static Middlebox.Interceptor.Queue.NfqueueConstants;

namespace Middlebox.Interceptor.Queue;

/// <summary>
/// One NFQUEUE queue, bound to this process until disposed. Used by one thread. When nothing is bound, the rules'
/// --queue-bypass lets packets pass.
/// </summary>
internal sealed class NfqueueSocket : IDisposable
{
    /// <summary>
    /// Bytes copied of a packet. A segment of a handshake is much shorter, unless it carries data, and then its beginning
    /// is all that is asked for.
    /// </summary>
    public const int CopiedLength = 1500;

    /// <summary>Longest netlink message that carries so much of a packet; one that is cut could not be answered.</summary>
    public const int DatagramLength = 2048;

    private const int ReceiveBufferLength = 8 * 1024 * 1024;
    private const int AcknowledgmentTimeoutMilliseconds = 2000;

    private readonly ushort _queue;

    /// <exception cref="ErrnoException">
    /// EPERM: not privileged. EBUSY: another process has this queue.
    /// </exception>
    public NfqueueSocket(ushort queue, int queueLength)
    {
        _queue = queue;
        Descriptor = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, NETLINK_NETFILTER);
        if (Descriptor.IsInvalid)
            throw ErrnoException.Last("socket", "NETLINK_NETFILTER");

        // A larger buffer only makes overruns rarer, so a kernel that refuses it is no failure.
        _ = SocketOption.Set(Descriptor, SocketOption.SOL_SOCKET, SocketOption.SO_RCVBUFFORCE, ReceiveBufferLength);

        Span<byte> buffer = stackalloc byte[128];
        var bind = new NfqueueWriter(buffer, queue);
        bind.WriteBind();
        Request(buffer[..bind.Length], "bind");
        var parameters = new NfqueueWriter(buffer, queue);
        parameters.WriteParameters(queueLength, CopiedLength);
        Request(buffer[..parameters.Length], "configure");
    }

    public FileDescriptor Descriptor { get; }

    /// <summary>Sends messages written by <see cref="NfqueueWriter"/>.</summary>
    public Errno Send(ReadOnlySpan<byte> messages) =>
        Libc.send(Descriptor, in messages[0], messages.Length, 0) < 0 ? Libc.LastError : Errno.None;

    public void Dispose() => Descriptor.Dispose();

    private void Request(ReadOnlySpan<byte> message, string what)
    {
        var subject = $"{what} queue {_queue}";
        if (Send(message) is not Errno.None and var sendError)
            throw new ErrnoException("send", sendError, subject);

        // Packets may arrive between the bind and the answer to the configuration; the kernel lets them pass when this
        // socket is closed, and none is queued before the rules are installed.
        Span<byte> answer = stackalloc byte[4096];
        while (true)
        {
            var wait = new pollfd { fd = Descriptor.Number, events = Libc.POLLIN };
            if (Libc.poll(ref wait, 1, AcknowledgmentTimeoutMilliseconds) <= 0)
                throw new ErrnoException("poll", Errno.ETIMEDOUT, subject);
            var length = Libc.recv(Descriptor, ref answer[0], answer.Length, Libc.MSG_DONTWAIT);
            if (length < 0)
                throw ErrnoException.Last("recv", subject);
            var messages = new NfqueueReader(answer[..(int)length]);
            while (messages.MoveNext())
            {
                if (messages.Acknowledgment is < 0 and var error)
                    throw new ErrnoException("nfnetlink_queue", (Errno)(-error), subject);
                if (messages.Acknowledgment is not null)
                    return;
            }
        }
    }
}
