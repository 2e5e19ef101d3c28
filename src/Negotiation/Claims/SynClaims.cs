using System.Buffers.Binary;
using System.Security.Cryptography;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Claims;

/// <summary>Claims in SYNs: by which a proxy tells those after it that it wants the connection.</summary>
internal static class SynClaims
{
    /// <summary>Reads and checks the claim of a SYN with MP_CAPABLE.</summary>
    public static ClaimFinding Read(
        in TcpPacket syn, in HandshakeOptions options, ExplicitSettings settings, out ProxyClaim claim)
    {
        claim = default;
        var option = syn.Options.Slice(options.ClaimOffset, options.ClaimLength);
        if (ClaimHeader.IsClaim(option))
            return ReadOption(in syn, option, settings, out claim);
        if ((options.MpCapableFlags & MpCapableFlags.Extensibility) == 0)
            return ClaimFinding.Absent;

        // The bit does not say how much the connection is wanted; to replace it would be to replace every such claim.
        claim = new ProxyClaim(ProxyId: 0, ProxyClaim.HighestPreference);
        return settings.AcceptUnsigned ? ClaimFinding.Valid : ClaimFinding.Rejected;
    }

    /// <summary>This box's claim of a connection as an option.</summary>
    public static ClaimOption Write(in FlowKey flow, uint clientIsn, ProxyClaim claim, SharedKeys? keys)
    {
        var option = new ClaimOption(keys is null ? ClaimConstants.UnsignedLength : ClaimConstants.SynLength);
        var bytes = option.Writable;
        ClaimHeader.Write(bytes, claim.Preference, keys?.SigningKeyId ?? 0);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[ClaimConstants.ProxyIdOffset..], claim.ProxyId);
        if (keys is not null)
            ClaimTag.ForSyn(keys.SigningKey, in flow, clientIsn, claim, bytes[ClaimConstants.SynTagOffset..]);
        return option;
    }

    private static ClaimFinding ReadOption(
        in TcpPacket syn, ReadOnlySpan<byte> option, ExplicitSettings settings, out ProxyClaim claim)
    {
        claim = default;
        if (!ClaimHeader.TryRead(option, out var preference, out var keyId)
            || option.Length is not (ClaimConstants.UnsignedLength or ClaimConstants.SynLength))
            return ClaimFinding.Rejected;

        claim = new ProxyClaim(BinaryPrimitives.ReadUInt16BigEndian(option[ClaimConstants.ProxyIdOffset..]), preference);
        if (option.Length == ClaimConstants.UnsignedLength)
            return settings.AcceptUnsigned ? ClaimFinding.Valid : ClaimFinding.Rejected;
        // Who has no keys cannot check a tag; who then takes anybody's word takes that of somebody who signs, too.
        if (settings.Keys is null)
            return settings.AcceptUnsigned ? ClaimFinding.Valid : ClaimFinding.Rejected;
        if (!settings.Keys.TryFind(keyId, out var key))
            return ClaimFinding.Rejected;

        Span<byte> expected = stackalloc byte[ClaimConstants.SynTagLength];
        var flow = syn.FlowFromClient;
        ClaimTag.ForSyn(key, in flow, syn.Sequence, claim, expected);
        return CryptographicOperations.FixedTimeEquals(expected, option[ClaimConstants.SynTagOffset..])
            ? ClaimFinding.Valid
            : ClaimFinding.Rejected;
    }
}
