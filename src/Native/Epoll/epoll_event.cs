using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct epoll_event of epoll_ctl(2) on x86-64, where it is packed.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct epoll_event
{
    public uint events;

    /// <summary>The caller's own value, given back with every event.</summary>
    public ulong data;
}
