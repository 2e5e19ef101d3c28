namespace Middlebox.Bench.Ways;

/// <summary>How HAProxy, which has no word for MPTCP before version 3.1, comes to its sockets.</summary>
public enum HaproxySockets
{
    /// <summary>mptcpize(8) makes all of them MPTCP's; those towards legacy servers fall back to TCP.</summary>
    Mptcpize,

    /// <summary>It inherits MPTCP listeners and opens TCP sockets towards servers, as newer versions do with <c>mptcp4@</c>.</summary>
    InheritedListener,

    /// <summary>Plain TCP on both sides. Then it is no proxy of MPTCP, and its runs must turn out invalid.</summary>
    PlainTcp,
}
