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
        Reason.MptcpFlagsUnsupported => "the client asks for an MPTCP extension or algorithm that the kernel does not have",
        Reason.PolicyDefer => "the policy says leave it to another proxy",
        Reason.NotInShare => "it is not in the share of connections that this box takes",
        Reason.RateLimit => "as many connections have begun in this second as the policy allows",
        Reason.ClaimedByOther => "another proxy on the path has claimed the connection",
        Reason.ClaimRejected => "a claim did not stand the check and was taken out",
        Reason.NoRoomForClaim => "there is no room for a claim in the SYN; the implicit scheme decides",
        Reason.Claimed => "the connection was claimed",
        Reason.ClaimReplaced => "the connection was claimed over another proxy's claim of lower preference",
        Reason.OwnSynAck => "the SYN/ACK of this box, which tells that a proxy acts",
        Reason.PolicyBypass => "the policy says bypass",
        Reason.TableFull => "as many contexts are kept as the configuration allows",
        Reason.ServerDropsMptcp => "the server is known to drop SYNs with MP_CAPABLE; it was removed",
        Reason.ForeignJoin => "an MP_JOIN whose token is not of this box",
        Reason.JoinUnresolved => "an MP_JOIN that may have been of this box, but it could not be told in time",
        Reason.DeliveryFailed => "a packet that the box had taken over could not be sent on, neither at once nor for a while",
        Reason.NoContext => "nothing is remembered of this connection",
        Reason.AcknowledgmentMismatch => "it does not acknowledge the SYN that is remembered",
        Reason.Served => "the client speaks MPTCP and the policy says serve",
        Reason.RepeatedSyn => "the client repeated its SYN",
        Reason.EarlyReset =>
            "a segment of the client was refused that missed its socket here, while the client's handshake is under way",
        Reason.RepeatedSynAck => "the server repeated its SYN/ACK while the client's handshake is under way",
        Reason.ServerLegacy => "the server answered without MPTCP, and no box nearer to it acted",
        Reason.OwnJoin => "an MP_JOIN for a connection of this box",
        Reason.EarlierFlowEnding =>
            "a SYN with the addresses and ports of a connection that is still relayed; the client has dropped that, and it is just being ended",
        Reason.EarlierFlowRemains =>
            "a SYN with the addresses and ports of a connection that is still relayed, and that did not end in time",
        Reason.EarlyJoin => "an MP_JOIN to a server for which a handshake is being completed; its token may be of this box",
        Reason.ServerCapable => "the server, or a box nearer to it, speaks MPTCP",
        Reason.OtherProxyActed => "another proxy, nearer to the server, acted",
        Reason.ServerRefused => "the server refused the connection",
        Reason.ClientGaveUpMptcp => "the client repeated its SYN without MPTCP",
        Reason.ReplacedBySyn => "the client began another connection with the same addresses and ports",
        Reason.Unanswered => "no answer came in time",
        Reason.Displaced => "it had waited for a while, and a younger connection took its place: there was no room for both",
        Reason.EarlierSynAnswered =>
            "the server answered an earlier SYN of the connection, which this box did not see or keep; another box may have acted on it",
        Reason.MpCapableDropped => "the server answered only when MP_CAPABLE had been removed",
        Reason.Adopted => "the client's handshake is complete and the connection is relayed",
        Reason.ClientVanished => "the client did not complete its handshake in time",
        Reason.ListenerUnavailable => "no listener could be opened for the server's port",
        Reason.PortReserved => "the server's port is reserved for the box's own services",
        Reason.FlowLimit => "as many connections are held as the configuration allows",
        Reason.HalfOpenLimit => "as many handshakes wait for their clients as the configuration allows",
        Reason.InjectionFailed => "the client's SYN could not be delivered to the kernel",
        Reason.AdoptionFailed => "the server's half of the connection could not be taken over",
        Reason.Stopped => "the box is shutting down",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "A reason without a sentence."),
    };
}
