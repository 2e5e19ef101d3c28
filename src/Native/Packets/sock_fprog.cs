using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct sock_fprog of linux/filter.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct sock_fprog
{
    public ushort len;
    public sock_filter* filter;
}
