namespace Middlebox.Appliance.Explain;

/// <summary>One sentence of advice for each <see cref="Cause"/>.</summary>
public static class CauseText
{
    /// <summary>What it means and what to do.</summary>
    public static string Advise(this Cause cause) => cause switch
    {
        Cause.NothingSeen =>
            "No SYN with MP_CAPABLE of it came by: the client does not ask for MPTCP (run the program under mptcpize, and see"
            + " net.mptcp.enabled and net.mptcp.blackhole_timeout there), something before the box strips TCP option 30, or its path does not cross the box.",
        Cause.PolicyKeepsOut => "The policy keeps the box out; change the rule that is named, if that is not meant.",
        Cause.PortIsReserved =>
            "The server's port is in ProxyEngine:ReservedPorts, because a service of the box itself may need it; take it out if none does.",
        Cause.ServerDropsMpCapable =>
            "The server, or a firewall before it, answers only SYNs without TCP option 30, so the box takes the option out and stays away;"
            + " let option 30 pass there, and restart the box to make it forget.",
        Cause.ServedElsewhere =>
            "The server, or a box nearer to it, speaks MPTCP, so this box stays out; look for the missing subflow there"
            + " (ip mptcp limits, ip mptcp endpoint).",
        Cause.ClientNeverCompletes =>
            "The client did not complete the handshake that this box answered: its SYN/ACK is filtered on the way back, or the path from"
            + " the client does not cross the box.",
        Cause.BoxCouldNotAct =>
            "A limit or a failure of the box kept it out, and the connection is plain TCP: the reason is named; middlebox check, and the log, say more.",
        Cause.ProxyDoesNotAnswer =>
            "The proxy of HostProxy:Proxies does not answer, so this host's connections do without it, or are refused (HostProxy:WhenUnreachable): see there whether it"
            + " runs, and whether something on the way drops the packets; it is tried again after HostProxy:RetryAfter.",
        Cause.ProxyRefuses =>
            "The proxy of HostProxy:Proxies refuses: nothing listens at that address and port, or its Clients, Servers or Ports do not allow this connection, or it asks for"
            + " a tag with another key than HostProxy:KeyFile has, or it is at a limit; middlebox status there counts refusals by reason.",
        Cause.NamingNotAllowed =>
            "The client has named a server to this box that it is not to reach so: the reason says why; see Addressed:Clients, Servers, Ports and Hairpinning. The box's own"
            + " addresses, and those that mean something else on its links, are refused in any case.",
        Cause.TagRefused =>
            "The host and this box do not have the same keys: compare the files of HostProxy:KeyFile there and Addressed:KeyFile here, and send SIGHUP to both. Where they are"
            + " the same, something between the two changes addresses, ports or sequence numbers (a NAT, a firewall), and no tag can be right.",
        Cause.NotLookedAt =>
            "The box looks at no more connections, so the client is not told the server's own address, and for a server without MPTCP the box does not act: connections that are idle"
            + " before their clients know their servers take places for Addressed:PromotionTimeout; see which clients have so many, and raise Addressed:MaxPromotions or"
            + " MaxPromotionsPerSource if they are meant to.",
        Cause.ClientFellBack =>
            "The client's side has fallen back to TCP: something between client and box removes TCP option 30 from segments behind the SYN"
            + " (a firewall that normalizes TCP, an ALG); let option 30 pass there.",
        Cause.BbrTowardsClient =>
            "bbr on the leg to the client: the kernel's MPTCP is slow with it; set ProxyEngine:CongestionControl to cubic or reno.",
        Cause.NoJoinSeen =>
            "The client has not tried to open a second subflow; there: ip mptcp limits set subflow 4, and ip mptcp endpoint add ADDRESS dev"
            + " DEVICE subflow. If its second access does not cross the box, set ProxyEngine:AnnouncedAddresses here.",
        Cause.AnnouncementIgnored =>
            "The client ignores ADD_ADDR; there: ip mptcp limits set add_addr_accepted 4 subflow 4, and ip mptcp endpoint add ADDRESS dev"
            + " DEVICE subflow fullmesh for its second access.",
        Cause.JoinMissesListener =>
            "Joins hit no listener: the box takes them at the server's own address and port, and at AnnouncedAddresses with AnnouncedPort;"
            + " delete the endpoint that announces another, or announce the address by the configuration.",
        Cause.SubflowLimit =>
            "The box allows no more subflows: raise ProxyEngine:MaxSubflows (ip mptcp limits show).",
        Cause.JoinRefused =>
            "Joins come to the box and none is completed: its SYN/ACK or the client's ACK is dropped on the second path (a stateful firewall,"
            + " a reverse path filter, a NAT there), or the HMAC is wrong; see MPJoinSynRx, MPJoinAckRx and MPJoinAckHMacFailure.",
        Cause.BackupSubflow =>
            "One of the subflows is a backup, which is used only when the others have failed; if the paths are to be used together, at the client:"
            + " ip mptcp endpoint change id ID nobackup.",
        Cause.UnusedSubflow =>
            "A subflow is established and carries next to nothing: segments with data are lost on its path although the handshake was not (an MTU that is"
            + " smaller than it says, a stateful firewall, a policer); try ping -M do -s 1400 over that access, and clamp the MSS there.",
        Cause.LossyPath =>
            "Much of what the box sends over a path is lost there, so congestion control keeps that subflow slow; look at the access (radio, policer, duplex).",
        Cause.UnequalPaths =>
            "One path takes so much longer than the other that data wait for it: the client's receive buffer must hold the sum of the rates times the longer"
            + " round trip (sysctl net.ipv4.tcp_rmem, third value); or make the slow path a backup: ip mptcp endpoint change id ID backup.",
        Cause.ClientTakesLess =>
            "The client does not take more, although the box has more for it: its program reads slowly, or its receive buffer is too small for all paths together"
            + " (sysctl net.ipv4.tcp_rmem, third value, there).",
        Cause.ServerTakesLess =>
            "The server, or the network between box and server, takes less than the client's paths bring, so more paths make nothing faster: look at that link, at"
            + " the server's load, and at its receive buffer (sysctl net.ipv4.tcp_rmem there).",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "A cause without advice."),
    };
}
