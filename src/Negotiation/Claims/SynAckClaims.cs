using System.Buffers.Binary;
using System.Security.Cryptography;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Claims;

/// <summary>
/// Claims in SYN/ACKs: by which the proxy that acts tells the client, and the proxies before it, that it is no server. The segment
/// itself has all that the tag is over but the proxy's id, for which there is no room.
/// </summary>
public static class SynAckClaims
{
    /// <summary>This box's claim in the SYN/ACK that its kernel made; false if it has no MP_CAPABLE with a key.</summary>
    internal static bool TryWrite(
        in TcpPacket synAck, in HandshakeOptions options, ProxyClaim claim, SharedKeys? keys, out ClaimOption option)
    {
        option = new ClaimOption(keys is null ? ClaimConstants.UnsignedLength : ClaimConstants.SynAckLength);
        if (!TryFindKey(in synAck, in options, out var serverKey))
            return false;
        var bytes = option.Writable;
        ClaimHeader.Write(bytes, claim.Preference, keys?.SigningKeyId ?? 0);
        if (keys is null)
            BinaryPrimitives.WriteUInt16BigEndian(bytes[ClaimConstants.ProxyIdOffset..], claim.ProxyId);
        else
            WriteTag(keys.SigningKey, in synAck, serverKey, claim, bytes[ClaimConstants.SynAckTagOffset..]);
        return true;
    }

    /// <summary>Reads and checks the claim of a SYN/ACK.</summary>
    /// <param name="synAck">The segment.</param>
    /// <param name="keys">Keys and known proxies; null if there are none.</param>
    /// <param name="acceptUnsigned">Whether a claim counts without a tag.</param>
    /// <param name="claim">What it says, if it is there and stands the check.</param>
    /// <returns>True if there is a claim that stands the check, false if there is one that does not, null if there is none.</returns>
    public static bool? Verify(in TcpPacket synAck, SharedKeys? keys, bool acceptUnsigned, out ProxyClaim claim)
    {
        var options = HandshakeOptions.Read(synAck.Options);
        return Read(in synAck, in options, keys, acceptUnsigned, out claim) switch
        {
            ClaimFinding.Absent => null,
            ClaimFinding.Valid => true,
            _ => false,
        };
    }

    internal static ClaimFinding Read(
        in TcpPacket synAck, in HandshakeOptions options, SharedKeys? keys, bool acceptUnsigned, out ProxyClaim claim)
    {
        claim = default;
        var option = synAck.Options.Slice(options.ClaimOffset, options.ClaimLength);
        if (!ClaimHeader.IsClaim(option))
        {
            if ((options.MpCapableFlags & MpCapableFlags.Extensibility) == 0)
                return ClaimFinding.Absent;
            return acceptUnsigned ? ClaimFinding.Valid : ClaimFinding.Rejected;
        }

        if (!ClaimHeader.TryRead(option, out var preference, out var keyId))
            return ClaimFinding.Rejected;
        if (option.Length == ClaimConstants.UnsignedLength)
        {
            claim = new ProxyClaim(BinaryPrimitives.ReadUInt16BigEndian(option[ClaimConstants.ProxyIdOffset..]), preference);
            return acceptUnsigned ? ClaimFinding.Valid : ClaimFinding.Rejected;
        }

        // As in a SYN. The proxy is not named, but the claim goes on to a host that may have the keys.
        if (option.Length == ClaimConstants.SynAckLength && keys is null && acceptUnsigned)
        {
            claim = new ProxyClaim(ProxyId: 0, preference);
            return ClaimFinding.Valid;
        }

        if (option.Length != ClaimConstants.SynAckLength
            || keys is null
            || !keys.TryFind(keyId, out var key)
            || !TryFindKey(in synAck, in options, out var serverKey))
            return ClaimFinding.Rejected;

        Span<byte> expected = stackalloc byte[ClaimConstants.SynAckTagLength];
        foreach (var proxy in keys.Proxies)
        {
            claim = new ProxyClaim(proxy, preference);
            WriteTag(key, in synAck, serverKey, claim, expected);
            if (CryptographicOperations.FixedTimeEquals(expected, option[ClaimConstants.SynAckTagOffset..]))
                return ClaimFinding.Valid;
        }

        claim = default;
        return ClaimFinding.Rejected;
    }

    private static void WriteTag(
        ReadOnlySpan<byte> key, in TcpPacket synAck, ReadOnlySpan<byte> serverKey, ProxyClaim claim, Span<byte> tag)
    {
        var flow = synAck.FlowFromServer;
        ClaimTag.ForSynAck(
            key, in flow, unchecked(synAck.Acknowledgment - 1), synAck.Sequence, serverKey, claim, tag);
    }

    private static bool TryFindKey(in TcpPacket synAck, in HandshakeOptions options, out ReadOnlySpan<byte> serverKey)
    {
        serverKey = default;
        if (options.MpCapable != MpCapableKind.Version1 || options.MpCapableLength != MptcpConstants.CapableSynAckLength)
            return false;
        serverKey = synAck.Options.Slice(
            options.MpCapableOffset + MptcpConstants.CapableSynLength,
            MptcpConstants.CapableSynAckLength - MptcpConstants.CapableSynLength);
        return true;
    }
}
