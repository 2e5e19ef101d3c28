using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct sockaddr_ll of packet(7).</summary>
[StructLayout(LayoutKind.Sequential, Size = 20)]
public struct sockaddr_ll
{
    public ushort sll_family;

    /// <summary>In network byte order.</summary>
    public ushort sll_protocol;
    public int sll_ifindex;
}
