using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct mmsghdr of recvmmsg(2): struct msghdr followed by the number of bytes received.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct mmsghdr
{
    public void* msg_name;
    public uint msg_namelen;
    public iovec* msg_iov;
    public nuint msg_iovlen;
    public void* msg_control;
    public nuint msg_controllen;
    public int msg_flags;
    private readonly int _padding;

    /// <summary>Bytes received.</summary>
    public uint msg_len;
}
