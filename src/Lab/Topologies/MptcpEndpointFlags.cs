namespace Middlebox.Lab.Topologies;

/// <summary>What the kernel's path manager does with an endpoint, in the words of ip-mptcp(8).</summary>
[Flags]
public enum MptcpEndpointFlags
{
    None = 0,

    /// <summary>Open a further subflow from this address.</summary>
    Subflow = 1,

    /// <summary>Announce this address to the peer.</summary>
    Signal = 2,

    /// <summary>Use the subflow only when no other works.</summary>
    Backup = 4,

    /// <summary>Open a subflow from this address to every address of the peer.</summary>
    Fullmesh = 8,
}
