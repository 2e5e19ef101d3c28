using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>
/// A sendmmsg(2) or recvmsg(2) of which the kernel itself writes down in shared memory what came of it, before the process can be killed: a
/// signal waits until a system call has returned. Whoever finds the memory later knows exactly which bytes moved.
/// </summary>
/// <remarks>It refers to itself, so it must not be moved or copied once it is in use.</remarks>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct WrittenDownCall
{
    // No flag of recvmsg(2) has all bits set; the kernel overwrites it if the call succeeds.
    private const int NotDone = -1;

    private mmsghdr _header;
    private iovec _bytes;

    /// <summary>Bytes that the last <see cref="Send"/> has given to the kernel.</summary>
    public readonly uint Sent => _header.msg_len;

    /// <summary>Whether the last <see cref="Consume"/> has taken its bytes.</summary>
    public readonly bool HasConsumed => _header.msg_flags != NotDone;

    /// <summary>To be called before it is made known that a call is about to be made: what there is of an earlier one goes.</summary>
    public void Clear()
    {
        _header.msg_len = 0;
        _header.msg_flags = NotDone;
    }

    /// <summary>Gives bytes to a stream without waiting.</summary>
    /// <returns>Bytes taken, or -1 with an error in <see cref="Libc.LastError"/>.</returns>
    public int Send(FileDescriptor socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            Describe(start, bytes.Length);
            return Libc.sendmmsg(socket, (mmsghdr*)Address, 1, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL) == 1 ? (int)_header.msg_len : -1;
        }
    }

    /// <summary>Takes bytes off a stream that are known to be there, without looking at them (MSG_TRUNC, tcp(7)).</summary>
    /// <param name="socket">A stream socket.</param>
    /// <param name="space">As much memory as bytes are taken; the kernel may check that it is there, but does not write to it.</param>
    /// <returns>Bytes taken, or -1 with an error in <see cref="Libc.LastError"/>.</returns>
    public int Consume(FileDescriptor socket, Span<byte> space)
    {
        fixed (byte* start = space)
        {
            Describe(start, space.Length);
            return (int)Libc.recvmsg(socket, (mmsghdr*)Address, Libc.MSG_DONTWAIT | Libc.MSG_TRUNC);
        }
    }

    private void* Address => System.Runtime.CompilerServices.Unsafe.AsPointer(ref this);

    private void Describe(byte* start, int length)
    {
        _bytes.iov_base = start;
        _bytes.iov_len = (nuint)length;
        var self = (WrittenDownCall*)Address;
        _header.msg_name = null;
        _header.msg_namelen = 0;
        _header.msg_iov = &self->_bytes;
        _header.msg_iovlen = 1;
        _header.msg_control = null;
        _header.msg_controllen = 0;
    }
}
