using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;

    public const int EFD_CLOEXEC = O_CLOEXEC;
    public const int EFD_NONBLOCK = O_NONBLOCK;

    public const short POLLIN = 1;

    /// <summary>In place of a descriptor: a name that does not begin with / is looked up in the working directory (linux/fcntl.h).</summary>
    internal const int AT_FDCWD = -100;

    /// <summary>The descriptor itself is asked about (linux/fcntl.h).</summary>
    internal const int AT_EMPTY_PATH = 0x1000;

    /// <summary>Want what kind of file it is, in <c>stx_mode</c> under the mask <see cref="S_IFMT"/> (linux/stat.h).</summary>
    internal const uint STATX_TYPE = 0x1;

    /// <summary>Want <c>stx_uid</c> (linux/stat.h).</summary>
    internal const uint STATX_UID = 0x8;

    internal const ushort S_IFMT = 0xF000;

    /// <summary>open(2).</summary>
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial FileDescriptor open(string pathname, int flags);

    internal const int F_SETFD = 2;
    internal const int FD_CLOEXEC = 1;

    /// <summary>fcntl(2) with an int.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int fcntl(FileDescriptor fd, int op, int argument);

    /// <summary>read(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial nint read(FileDescriptor fd, ref byte buf, nint count);

    /// <summary>write(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial nint write(FileDescriptor fd, ref readonly byte buf, nint count);

    /// <summary>chown(2).</summary>
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chown(string pathname, uint owner, uint group);

    /// <summary>statx(2) of what is open.</summary>
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(SafeHandle dirfd, string pathname, int flags, uint mask, out statx statxbuf);

    /// <summary>statx(2) of a name.</summary>
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int dirfd, string pathname, int flags, uint mask, out statx statxbuf);

    /// <summary>eventfd(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial FileDescriptor eventfd(uint initval, int flags);

    /// <summary>poll(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int poll(ref pollfd fds, nuint nfds, int timeout);

    /// <summary>ppoll(2) with the signals of the thread as they are: the timeout is kept to the nanosecond, not to the millisecond.</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int ppoll(ref pollfd fds, nuint nfds, ref readonly timespec tmo_p, nint sigmask);
}
