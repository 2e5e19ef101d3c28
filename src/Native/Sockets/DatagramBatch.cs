using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>
/// Receives several datagrams with one system call into memory that is allocated once. Used by one thread at a time.
/// </summary>
public sealed unsafe class DatagramBatch : IDisposable
{
    private readonly int _capacity;
    private readonly int _datagramLength;
    private readonly byte* _memory;
    private readonly iovec* _vectors;
    private readonly mmsghdr* _headers;

    /// <param name="capacity">Datagrams per call.</param>
    /// <param name="datagramLength">Bytes kept of each; what is longer is cut off by the kernel.</param>
    public DatagramBatch(int capacity, int datagramLength)
    {
        _capacity = capacity;
        _datagramLength = datagramLength;
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * datagramLength));
        _vectors = (iovec*)NativeMemory.AllocZeroed((nuint)(capacity * sizeof(iovec)));
        _headers = (mmsghdr*)NativeMemory.AllocZeroed((nuint)(capacity * sizeof(mmsghdr)));
        for (var i = 0; i < capacity; i++)
        {
            _vectors[i] = new iovec { iov_base = _memory + (i * datagramLength), iov_len = (nuint)datagramLength };
            _headers[i] = new mmsghdr { msg_iov = &_vectors[i], msg_iovlen = 1 };
        }
    }

    /// <summary>The datagram at <paramref name="index"/> of the last <see cref="Receive"/>; valid until the next one.</summary>
    public Span<byte> this[int index] =>
        new(_memory + (index * _datagramLength), (int)Math.Min(_headers[index].msg_len, (uint)_datagramLength));

    /// <summary>recvmmsg(2) without waiting; <paramref name="count"/> is 0 when it fails.</summary>
    public Errno Receive(FileDescriptor socket, out int count)
    {
        var received = Libc.recvmmsg(socket, _headers, (uint)_capacity, Libc.MSG_DONTWAIT, null);
        count = Math.Max(received, 0);
        return received < 0 ? Libc.LastError : Errno.None;
    }

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_headers);
    }
}
