using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>
/// An owned file descriptor. The reference count of the handle keeps a descriptor alive while another thread is inside
/// a system call with it, so that a number that the kernel has given to somebody else is never used.
/// </summary>
public sealed class FileDescriptor : SafeHandle
{
    /// <summary>For the marshaller, which fills in the number that the call returned.</summary>
    public FileDescriptor()
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
    }

    /// <summary>Owns a descriptor that this process has got from another.</summary>
    public static FileDescriptor Own(int number)
    {
        var descriptor = new FileDescriptor();
        descriptor.SetHandle(number);
        return descriptor;
    }

    /// <summary>The number, for epoll data and diagnostics only: it is valid just as long as this object is kept.</summary>
    public int Number => (int)handle;

    // The marshaller takes a whole register from a function that returns an int, and the ABI says nothing of its upper
    // half: -1 may come as 4294967295.
    public override bool IsInvalid => Number < 0;

    // close(2) gives the number back whatever it returns, so its result is of no use here.
    protected override bool ReleaseHandle()
    {
        _ = Libc.close(Number);
        return true;
    }
}
