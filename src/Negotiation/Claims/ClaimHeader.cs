using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Claims;

/// <summary>The first four octets of a claim option, the same in SYN and SYN/ACK.</summary>
internal static class ClaimHeader
{
    /// <summary>Writes kind, the destination's length, subtype, P, preference, version and key id.</summary>
    public static void Write(Span<byte> option, byte preference, byte keyId)
    {
        option[0] = (byte)TcpOptionKind.Mptcp;
        option[1] = (byte)option.Length;
        option[ClaimConstants.FlagsOffset] =
            (byte)(((int)MptcpSubtype.MpExperimental << 4) | ClaimConstants.ProxyFlag | preference);
        option[ClaimConstants.KeyOffset] = (byte)((ClaimConstants.Version << ClaimConstants.VersionShift) | keyId);
    }

    /// <summary>As <see cref="ClaimOption.IsClaim"/>.</summary>
    public static bool IsClaim(ReadOnlySpan<byte> option) =>
        option.Length > ClaimConstants.FlagsOffset && (option[ClaimConstants.FlagsOffset] & ClaimConstants.ProxyFlag) != 0;

    /// <summary>False if the claim is cut off, or of another version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> option, out byte preference, out byte keyId)
    {
        preference = keyId = 0;
        if (option.Length < ClaimConstants.UnsignedLength
            || option[ClaimConstants.KeyOffset] >> ClaimConstants.VersionShift != ClaimConstants.Version)
            return false;
        preference = (byte)(option[ClaimConstants.FlagsOffset] & ClaimConstants.PreferenceMask);
        keyId = (byte)(option[ClaimConstants.KeyOffset] & ClaimConstants.KeyIdMask);
        return true;
    }
}
