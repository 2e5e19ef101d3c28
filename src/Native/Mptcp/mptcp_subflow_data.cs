using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct mptcp_subflow_data of linux/mptcp.h: the header of the per-subflow socket options.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct mptcp_subflow_data
{
    /// <summary>Bytes of this structure as the caller knows it.</summary>
    public uint size_subflow_data;

    /// <summary>Subflows that the connection has; set by the kernel.</summary>
    public uint num_subflows;

    /// <summary>Bytes of one entry as the kernel knows it; 0 from the caller.</summary>
    public uint size_kernel;

    /// <summary>Bytes of one entry as the caller knows it.</summary>
    public uint size_user;
}
