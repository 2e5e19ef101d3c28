namespace Middlebox.Negotiation.Wire;

/// <summary>MP_TCPRST: why the subflow is reset (RFC 8684 section 3.6).</summary>
/// <param name="IsTransient">T: it may work again later.</param>
/// <param name="Reason">As on the wire, values without a name included.</param>
public readonly record struct MpReset(bool IsTransient, MpResetReason Reason) : IMptcpOption<MpReset>
{
    private const int TransientFlag = 0x1;
    private const int ReasonOffset = 3;

    /// <summary>Octets: 4.</summary>
    public int Length => MptcpConstants.ResetLength;

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpReset value)
    {
        value = default;
        if (!MptcpOption.Is(option, MptcpSubtype.MpReset, MptcpConstants.ResetLength))
            return false;

        value = new MpReset(
            (MptcpOption.LowNibble(option) & TransientFlag) != 0, (MpResetReason)option[ReasonOffset]);
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpReset, Length, IsTransient ? TransientFlag : 0);
        option[ReasonOffset] = (byte)Reason;
        return option.Length;
    }
}
