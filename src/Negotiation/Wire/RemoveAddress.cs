namespace Middlebox.Negotiation.Wire;

/// <summary>
/// REMOVE_ADDR: takes announced addresses back (RFC 8684 section 3.4.2). A view on the ids, not a copy.
/// </summary>
public readonly ref struct RemoveAddress : IMptcpOption<RemoveAddress>
{
    /// <summary>Ids that fit into the options of one segment.</summary>
    public const int MaximumIds = TcpConstants.MaximumOptionsLength - MptcpConstants.MinimumLength;

    /// <exception cref="ArgumentOutOfRangeException">No id, or more than <see cref="MaximumIds"/>.</exception>
    public RemoveAddress(ReadOnlySpan<byte> addressIds)
    {
        ArgumentOutOfRangeException.ThrowIfZero(addressIds.Length, nameof(addressIds));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(addressIds.Length, MaximumIds, nameof(addressIds));
        AddressIds = addressIds;
    }

    /// <summary>One octet per address.</summary>
    public ReadOnlySpan<byte> AddressIds { get; }

    /// <summary>Octets: 3 and one per id.</summary>
    public int Length => MptcpConstants.MinimumLength + AddressIds.Length;

    /// <summary>Reads a whole option.</summary>
    /// <returns>False for any other option, and for one without an id or too long for a TCP header.</returns>
    public static bool TryRead(ReadOnlySpan<byte> option, out RemoveAddress value)
    {
        value = default;
        if (!MptcpOption.Is(option, MptcpSubtype.RemoveAddress)
            || option.Length == MptcpConstants.MinimumLength
            || option.Length > TcpConstants.MaximumOptionsLength)
            return false;

        value = new RemoveAddress(option[MptcpConstants.MinimumLength..]);
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.RemoveAddress, Length, lowNibble: 0);
        AddressIds.CopyTo(option[MptcpConstants.MinimumLength..]);
        return option.Length;
    }
}
