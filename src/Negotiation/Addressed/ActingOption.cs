using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Addressed;

/// <summary>
/// The option in the SYN/ACK of a proxy that acts for a server without MPTCP (docs/addressed.md): tells a host that has named the server that its subflows are for the proxy.
/// </summary>
public readonly record struct ActingOption : IMptcpOption<ActingOption>
{
    private const byte Type = 2;
    private const int TypeOffset = 3;
    private const int OptionLength = 4;

    /// <summary>Octets: 4.</summary>
    public int Length => OptionLength;

    /// <summary>Reads a whole option.</summary>
    /// <returns>False for any other option, also of another type or with flags.</returns>
    public static bool TryRead(ReadOnlySpan<byte> option, out ActingOption value)
    {
        value = default;
        return option.Length == OptionLength
            && MptcpOption.Is(option, MptcpSubtype.MpExperimental)
            && MptcpOption.LowNibble(option) == 0
            && option[TypeOffset] == Type;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        MptcpOption.Begin(destination, MptcpSubtype.MpExperimental, OptionLength, 0)[TypeOffset] = Type;
        return OptionLength;
    }
}
