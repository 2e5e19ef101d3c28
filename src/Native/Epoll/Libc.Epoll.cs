using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    public const int EPOLL_CLOEXEC = O_CLOEXEC;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;

    public const uint EPOLLIN = 0x001;
    public const uint EPOLLOUT = 0x004;
    public const uint EPOLLERR = 0x008;
    public const uint EPOLLHUP = 0x010;
    public const uint EPOLLRDHUP = 0x2000;
    public const uint EPOLLEXCLUSIVE = 1u << 28;
    public const uint EPOLLONESHOT = 1u << 30;
    public const uint EPOLLET = 1u << 31;

    /// <summary>epoll_create1(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial FileDescriptor epoll_create1(int flags);

    /// <summary>epoll_ctl(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int epoll_ctl(FileDescriptor epfd, int op, FileDescriptor fd, ref epoll_event @event);

    /// <summary>epoll_wait(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int epoll_wait(FileDescriptor epfd, ref epoll_event events, int maxevents, int timeout);
}
