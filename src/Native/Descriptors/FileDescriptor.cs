using Microsoft.Win32.SafeHandles;

namespace Middlebox.Native;

/// <summary>
/// An owned file descriptor. The reference count of the handle keeps a descriptor alive while another thread is inside
/// a system call with it, so that a number that the kernel has given to somebody else is never used.
/// </summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>For the marshaller, which fills in the number that the call returned.</summary>
    public FileDescriptor()
        : base(ownsHandle: true)
    {
    }

    public FileDescriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>The number, for epoll data and diagnostics only: it is valid just as long as this object is kept.</summary>
    public int Number => (int)handle;

    // close(2) gives the number back whatever it returns, so its result is of no use here.
    protected override bool ReleaseHandle()
    {
        _ = Libc.close((int)handle);
        return true;
    }
}
