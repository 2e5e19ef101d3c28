namespace Middlebox.Negotiation;

/// <summary>One sentence for each <see cref="Reason"/>, for people.</summary>
public static class ReasonText
{
    /// <summary>What happened and why, without a final full stop.</summary>
    public static string Describe(this Reason reason) => reason switch
    {
        Reason.None => "not decided yet",
        Reason.NotMptcp => "the client does not speak MPTCP",
        Reason.NotHandshake => "no segment of a handshake",
        Reason.MalformedPacket => "no well-formed TCP segment",
        Reason.MalformedOptions => "TCP options that contradict their own lengths",
        Reason.SynWithData => "the SYN carries data, which a copy would deliver twice",
        Reason.FastOpen => "the client asks for TCP Fast Open",
        Reason.TcpMd5 => "segments are signed with TCP-MD5",
        Reason.TcpAuthentication => "segments are signed with TCP-AO",
        Reason.IpAuthentication => "packets are signed with IPsec AH",
        Reason.MptcpVersion0 => "the client offers MPTCP version 0, which the kernel does not speak",
        Reason.MptcpVersionUnknown => "the client offers an MPTCP version that is not known here",
        Reason.PolicyBypass => "the policy says bypass",
        Reason.TableFull => "as many contexts are kept as the configuration allows",
        Reason.ServerDropsMptcp => "the server is known to drop SYNs with MP_CAPABLE; it was removed",
        Reason.ForeignJoin => "an MP_JOIN whose token is not of this box",
        Reason.NoContext => "nothing is remembered of this connection",
        Reason.AcknowledgmentMismatch => "it does not acknowledge the SYN that is remembered",
        Reason.Served => "the client speaks MPTCP and the policy says serve",
        Reason.RepeatedSyn => "the client repeated its SYN",
        Reason.RepeatedSynAck => "the server repeated its SYN/ACK while the client's handshake is under way",
        Reason.ServerLegacy => "the server answered without MPTCP, and no box nearer to it acted",
        Reason.OwnJoin => "an MP_JOIN for a connection of this box",
        Reason.EarlyJoin => "an MP_JOIN to a server for which a handshake is being completed; its token may be of this box",
        Reason.ServerCapable => "the server, or a box nearer to it, speaks MPTCP",
        Reason.ServerRefused => "the server refused the connection",
        Reason.ClientGaveUpMptcp => "the client repeated its SYN without MPTCP",
        Reason.ReplacedBySyn => "the client began another connection with the same addresses and ports",
        Reason.Unanswered => "no answer came in time",
        Reason.MpCapableDropped => "the server answered only when MP_CAPABLE had been removed",
        Reason.Adopted => "the client's handshake is complete and the connection is relayed",
        Reason.ClientVanished => "the client did not complete its handshake in time",
        Reason.ListenerUnavailable => "no listener could be opened for the server's port",
        Reason.PortReserved => "the server's port is reserved for the box's own services",
        Reason.FlowLimit => "as many connections are relayed as the configuration allows",
        Reason.InjectionFailed => "the client's SYN could not be delivered to the kernel",
        Reason.AdoptionFailed => "the server's half of the connection could not be taken over",
        Reason.Stopped => "the box is shutting down",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "A reason without a sentence."),
    };
}
