using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct sockaddr_nl of netlink(7).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct sockaddr_nl
{
    public ushort nl_family;
    public ushort nl_pad;
    public uint nl_pid;
    public uint nl_groups;
}
