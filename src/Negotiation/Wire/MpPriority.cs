namespace Middlebox.Negotiation.Wire;

/// <summary>MP_PRIO: changes the priority of the subflow that carries it (RFC 8684 section 3.3.8).</summary>
/// <param name="IsBackup">B: the receiver should send on it only when no other subflow works.</param>
public readonly record struct MpPriority(bool IsBackup) : IMptcpOption<MpPriority>
{
    /// <summary>Octets: 3.</summary>
    public int Length => MptcpConstants.PriorityLength;

    /// <summary>Reads a whole option; false for any other, and for the four octets of version 0.</summary>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpPriority value)
    {
        value = default;
        if (!MptcpOption.Is(option, MptcpSubtype.MpPriority, MptcpConstants.PriorityLength))
            return false;

        value = new MpPriority((MptcpOption.LowNibble(option) & MptcpConstants.BackupFlag) != 0);
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination) =>
        MptcpOption.Begin(
            destination, MptcpSubtype.MpPriority, Length, IsBackup ? MptcpConstants.BackupFlag : 0).Length;
}
