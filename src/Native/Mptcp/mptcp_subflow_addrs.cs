using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct mptcp_subflow_addrs of linux/mptcp.h: two unions of the size of a sockaddr_storage.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct mptcp_subflow_addrs
{
    private Storage _local;
    private Storage _remote;

    public readonly sockaddr Local => Read(in _local);

    public readonly sockaddr Remote => Read(in _remote);

    private static sockaddr Read(in Storage storage) => MemoryMarshal.Read<sockaddr>(storage);

    [InlineArray(128)]
    private struct Storage
    {
        private byte _first;
    }
}
