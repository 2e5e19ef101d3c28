using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    internal const uint MFD_CLOEXEC = 1;
    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_SHARED = 1;
    internal const int MAP_NORESERVE = 0x4000;

    /// <summary>memfd_create(2).</summary>
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial FileDescriptor memfd_create(string name, uint flags);

    /// <summary>ftruncate(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int ftruncate(FileDescriptor fd, long length);

    /// <summary>lseek(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial long lseek(FileDescriptor fd, long offset, int whence);

    internal const int SEEK_END = 2;

    /// <summary>mmap(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial nint mmap(nint addr, nint length, int prot, int flags, FileDescriptor fd, long offset);
}
