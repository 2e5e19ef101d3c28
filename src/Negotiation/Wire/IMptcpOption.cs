namespace Middlebox.Negotiation.Wire;

/// <summary>What every MPTCP option type offers. Reading takes any octets; writing expects room.</summary>
internal interface IMptcpOption<TSelf>
    where TSelf : IMptcpOption<TSelf>, allows ref struct
{
    /// <summary>Octets of the whole option, kind and length octets included.</summary>
    int Length { get; }

    /// <summary>Reads a whole option, its kind and length octets included. Reserved bits are ignored.</summary>
    /// <returns>False for any other option, and for a length that this one does not have.</returns>
    static abstract bool TryRead(ReadOnlySpan<byte> option, out TSelf value);

    /// <summary>Writes the option, reserved bits as 0.</summary>
    /// <returns>Octets written: <see cref="Length"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The destination is too short.</exception>
    int Write(Span<byte> destination);
}
