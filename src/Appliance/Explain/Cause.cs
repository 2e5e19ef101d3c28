namespace Middlebox.Appliance.Explain;

/// <summary>Known causes of a missing second subflow, a slow aggregate or a connection without MPTCP. A closed list; <see cref="CauseText"/> has the advice.</summary>
public enum Cause
{
    /// <summary>Nothing of such a connection has come by.</summary>
    NothingSeen,

    /// <summary>The policy keeps the box out.</summary>
    PolicyKeepsOut,

    /// <summary>The server's port is reserved for the box's own services.</summary>
    PortIsReserved,

    /// <summary>The server answers only without MP_CAPABLE.</summary>
    ServerDropsMpCapable,

    /// <summary>The server, or a box nearer to it, speaks MPTCP itself.</summary>
    ServedElsewhere,

    /// <summary>The client did not complete the handshake that the box answered.</summary>
    ClientNeverCompletes,

    /// <summary>A limit or a failure of the box kept it out.</summary>
    BoxCouldNotAct,

    /// <summary>The proxy of this host's own connections does not answer.</summary>
    ProxyDoesNotAnswer,

    /// <summary>The proxy of this host's own connections refuses, or is not there.</summary>
    ProxyRefuses,

    /// <summary>The client has named a server to the box that it is not allowed to reach so.</summary>
    NamingNotAllowed,

    /// <summary>The client's SYN, which names a server to the box, has no tag, or a wrong one.</summary>
    TagRefused,

    /// <summary>The box does not look at the connection that it has the kernel relay.</summary>
    NotLookedAt,

    /// <summary>The client's side has fallen back to TCP.</summary>
    ClientFellBack,

    /// <summary>The congestion control towards the client is bbr.</summary>
    BbrTowardsClient,

    /// <summary>The client has not tried to open a further subflow.</summary>
    NoJoinSeen,

    /// <summary>The client was told of an address of the box, and did not come.</summary>
    AnnouncementIgnored,

    /// <summary>Joins go to an address or port where nothing takes them.</summary>
    JoinMissesListener,

    /// <summary>The path manager of the box allows no more subflows.</summary>
    SubflowLimit,

    /// <summary>Joins came to the box and none was completed.</summary>
    JoinRefused,

    /// <summary>A subflow is a backup, so the paths are not used together.</summary>
    BackupSubflow,

    /// <summary>A subflow is established and carries next to nothing.</summary>
    UnusedSubflow,

    /// <summary>Much of what is sent over a path is lost.</summary>
    LossyPath,

    /// <summary>One path takes much longer than the other.</summary>
    UnequalPaths,

    /// <summary>The client, or its receive buffer, takes less than the paths carry.</summary>
    ClientTakesLess,

    /// <summary>The server, or the network to it, takes less than the client's paths bring.</summary>
    ServerTakesLess,
}
