using System.Runtime.CompilerServices;

namespace Middlebox.Native;

/// <summary>
/// Memory that outlives the process as long as somebody holds its descriptor (memfd_create(2)). It is zero at first, and takes real memory only
/// where it has been written to. It stays mapped until the process ends, so that no late reader can meet a hole.
/// </summary>
public sealed unsafe class SharedMemory
{
    private readonly byte* _start;

    private SharedMemory(FileDescriptor descriptor, long length)
    {
        Descriptor = descriptor;
        Length = length;
        var address = Libc.mmap(
            0, (nint)length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_NORESERVE, descriptor, 0);
        if (address == -1)
            throw ErrnoException.Last("mmap");
        _start = (byte*)address;
    }

    public FileDescriptor Descriptor { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <exception cref="ErrnoException">There is none to be had.</exception>
    public static SharedMemory Create(string name, long length)
    {
        var descriptor = Libc.memfd_create(name, Libc.MFD_CLOEXEC);
        if (descriptor.IsInvalid)
            throw ErrnoException.Last("memfd_create");
        return Libc.ftruncate(descriptor, length) == 0
            ? new SharedMemory(descriptor, length)
            : throw ErrnoException.Last("ftruncate");
    }

    /// <summary>Maps memory that another process has created; it is made longer if need be.</summary>
    /// <exception cref="ErrnoException">It cannot be mapped.</exception>
    public static SharedMemory Open(FileDescriptor descriptor, long leastLength)
    {
        var length = Libc.lseek(descriptor, 0, Libc.SEEK_END);
        if (length < 0)
            throw ErrnoException.Last("lseek");
        if (length < leastLength && Libc.ftruncate(descriptor, leastLength) < 0)
            throw ErrnoException.Last("ftruncate");
        return new SharedMemory(descriptor, Math.Max(length, leastLength));
    }

    /// <summary>The value at an offset, itself and no copy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It would lie outside.</exception>
    public ref T At<T>(long offset)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - sizeof(T));
        return ref Unsafe.AsRef<T>(_start + offset);
    }
}
