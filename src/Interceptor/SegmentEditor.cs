using Middlebox.Negotiation;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor;

/// <summary>Applies the edits of a decision to the bytes of a segment; checksums follow.</summary>
internal static class SegmentEditor
{
    private static readonly byte[] OfferedMpCapable = CreateMpCapable();

    /// <summary>Applies all edits of a decision.</summary>
    /// <param name="buffer">The packet, with room behind it for a claim.</param>
    /// <param name="length">Length of the packet, before and after.</param>
    /// <param name="tcpOffset">Where its TCP header begins.</param>
    /// <param name="decision">What to change.</param>
    /// <returns>False if there was no room for a claim; everything else has been done.</returns>
    public static bool TryApply(Span<byte> buffer, ref int length, int tcpOffset, in Decision decision)
    {
        if (Has(in decision, SegmentEdits.WithdrawEcn))
            TcpPacketEditor.WithdrawEcn(buffer[..length], tcpOffset);
        if (Has(in decision, SegmentEdits.RemoveClaim))
            length = RemoveClaim(buffer[..length], tcpOffset);
        if (Has(in decision, SegmentEdits.BlankMpCapable))
            BlankMpCapable(buffer[..length], tcpOffset);
        if (Has(in decision, SegmentEdits.SetClaimBit))
            PatchClaimBit(buffer[..length], tcpOffset, isSet: true);
        if (Has(in decision, SegmentEdits.AddMpCapable)
            && TcpPacketEditor.TryAppendOption(buffer, length, tcpOffset, OfferedMpCapable, out var offeringLength))
            length = offeringLength;
        if (!Has(in decision, SegmentEdits.AppendClaim))
            return true;
        var claim = decision.Claim;
        if (!TcpPacketEditor.TryAppendOption(buffer, length, tcpOffset, claim.Bytes, out var newLength))
            return false;
        length = newLength;
        return true;
    }

    /// <summary>As Linux offers it: version 1, no checksums, HMAC-SHA256 (RFC 8684 section 3.1).</summary>
    private static byte[] CreateMpCapable()
    {
        var option = new byte[MptcpConstants.CapableSynLength];
        MpCapable.Syn(MpCapableFlags.HmacSha256).Write(option);
        return option;
    }

    private static bool Has(in Decision decision, SegmentEdits edit) => (decision.Edits & edit) != 0;

    /// <returns>Length of the packet now.</returns>
    private static int RemoveClaim(Span<byte> packet, int tcpOffset)
    {
        PatchClaimBit(packet, tcpOffset, isSet: false);
        var length = packet.Length;
        while (OptionsOf(packet, tcpOffset) is { ClaimLength: > 0 } options)
            length = TcpPacketEditor.RemoveOption(packet, tcpOffset, options.ClaimOffset, options.ClaimLength);
        return length;
    }

    private static void BlankMpCapable(Span<byte> packet, int tcpOffset)
    {
        var options = OptionsOf(packet, tcpOffset);
        if (options.MpCapableLength > 0)
            TcpPacketEditor.BlankOption(packet, tcpOffset, options.MpCapableOffset, options.MpCapableLength);
    }

    private static void PatchClaimBit(Span<byte> packet, int tcpOffset, bool isSet)
    {
        var options = OptionsOf(packet, tcpOffset);
        if (options.MpCapableLength <= MptcpConstants.CapableFlagsOffset)
            return;
        const byte Bit = (byte)MpCapableFlags.Extensibility;
        var offset = TcpConstants.MinimumHeaderLength + options.MpCapableOffset + MptcpConstants.CapableFlagsOffset;
        Patch(packet, tcpOffset, offset, clear: Bit, set: isSet ? Bit : (byte)0);
    }

    private static void Patch(Span<byte> packet, int tcpOffset, int offset, byte clear, byte set = 0)
    {
        var before = packet[tcpOffset + offset];
        var after = (byte)((before & ~clear) | set);
        if (after != before)
            TcpPacketEditor.PatchByte(packet, tcpOffset, offset, after);
    }

    private static HandshakeOptions OptionsOf(ReadOnlySpan<byte> packet, int tcpOffset)
    {
        var headerLength = (packet[tcpOffset + TcpConstants.DataOffsetOffset] >> 4) * 4;
        return HandshakeOptions.Read(packet[(tcpOffset + TcpConstants.MinimumHeaderLength)..(tcpOffset + headerLength)]);
    }
}
