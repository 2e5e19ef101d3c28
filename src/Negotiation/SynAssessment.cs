using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation;

/// <summary>Says of a SYN whether the box could act on its connection at all, whatever the policy.</summary>
internal static class SynAssessment
{
    /// <summary>Why the box must keep out, or <see cref="Reason.None"/>.</summary>
    /// <param name="syn">A SYN that is no MP_JOIN.</param>
    /// <param name="options">Its options.</param>
    /// <param name="knowsClaimBit">Whether bit B of MP_CAPABLE's flags is understood as a proxy's claim.</param>
    public static Reason ReasonToBypass(in TcpPacket syn, in HandshakeOptions options, bool knowsClaimBit)
    {
        if (options.Malformed)
            return Reason.MalformedOptions;
        if (options.HasMd5)
            return Reason.TcpMd5;
        if (options.HasAuthentication)
            return Reason.TcpAuthentication;
        if (syn.IsAuthenticated)
            return Reason.IpAuthentication;
        if (options.HasFastOpen)
            return Reason.FastOpen;
        if (syn.PayloadLength > 0)
            return Reason.SynWithData;
        return options.MpCapable switch
        {
            MpCapableKind.Version1 when IsKnown(options.MpCapableFlags, knowsClaimBit) => Reason.None,
            MpCapableKind.Version1 => Reason.MptcpFlagsUnsupported,
            MpCapableKind.Version0 => Reason.MptcpVersion0,
            MpCapableKind.OtherVersion => Reason.MptcpVersionUnknown,
            MpCapableKind.Malformed => Reason.MalformedOptions,
            _ => Reason.NotMptcp,
        };
    }

    /// <summary>Whether the kernel would answer an MP_CAPABLE with these flags, once a claim has been taken out.</summary>
    private static bool IsKnown(MpCapableFlags flags, bool knowsClaimBit)
    {
        if (knowsClaimBit)
            flags &= ~MpCapableFlags.Extensibility;
        return (flags & MpCapableFlags.LinuxChecked) == MpCapableFlags.HmacSha256;
    }
}
