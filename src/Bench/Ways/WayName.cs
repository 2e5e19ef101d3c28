namespace Middlebox.Bench.Ways;

/// <summary>The ways from client to server that are compared.</summary>
public enum WayName
{
    /// <summary>MPTCP client, this appliance, legacy server.</summary>
    Box,

    /// <summary>MPTCP client, HAProxy, legacy server.</summary>
    Haproxy,

    /// <summary>TCP client, forwarded by a router, legacy server.</summary>
    PlainTcp,

    /// <summary>MPTCP client, forwarded by a router, capable server.</summary>
    EndToEndMptcp,

    /// <summary>MPTCP client, this appliance, capable server: the box steps out.</summary>
    BoxCapableServer,

    /// <summary>TCP client, this appliance, legacy server: nothing of the box's concern.</summary>
    BoxPlainClient,
}
