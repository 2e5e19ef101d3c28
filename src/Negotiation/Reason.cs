namespace Middlebox.Negotiation;

/// <summary>
/// Why a segment was treated as it was, and why a context ended. The one closed list that logs, counters, the control
/// socket and the tests share; <see cref="ReasonText"/> has a sentence for each.
/// </summary>
public enum Reason : byte
{
    /// <summary>Not decided yet; never reported.</summary>
    None,

    // A segment that no context is kept for: it is forwarded.
    NotMptcp,
    NotHandshake,
    MalformedPacket,
    MalformedOptions,
    SynWithData,
    FastOpen,
    TcpMd5,
    TcpAuthentication,
    IpAuthentication,
    MptcpVersion0,
    MptcpVersionUnknown,
    MptcpFlagsUnsupported,
    PolicyBypass,
    PolicyDefer,
    NotInShare,
    RateLimit,
    ClaimedByOther,
    ClaimRejected,
    NoRoomForClaim,
    TableFull,
    ServerDropsMptcp,
    ServerKnownLegacy,
    NoRoomForMpCapable,
    DialFellBack,
    ForeignJoin,
    JoinUnresolved,
    EarlierFlowRemains,
    DeliveryFailed,
    NoContext,
    AcknowledgmentMismatch,

    // What happens while a context is kept.
    Served,
    Claimed,
    ClaimReplaced,
    OwnSynAck,
    RepeatedSyn,
    RepeatedSynAck,
    EarlyReset,
    ServerLegacy,
    OwnJoin,
    EarlyJoin,
    EarlierFlowEnding,
    MptcpOffered,
    ServerKnownCapable,
    ServerProvedCapable,
    ConvertRequested,

    // How a context ends.
    ServerCapable,
    OtherProxyActed,
    ServerRefused,
    ClientGaveUpMptcp,
    ReplacedBySyn,
    Unanswered,
    Displaced,
    EarlierSynAnswered,
    MpCapableDropped,
    Adopted,
    ClientVanished,
    ListenerUnavailable,
    PortReserved,
    FlowLimit,
    HalfOpenLimit,
    InjectionFailed,
    AdoptionFailed,
    OfferDeclined,
    DialUnavailable,
    DialFailed,
    DialUnanswered,
    Stopped,
}
