namespace Middlebox.Negotiation.Addressed;

/// <summary>By which a host that names its server shows that it has a key of the operator's (docs/addressed.md).</summary>
/// <param name="KeyId">Which key, 0 to 63.</param>
/// <param name="Value">The tag in network byte order: 48 bits beside an IPv4 server, 32 beside an IPv6 one.</param>
public readonly record struct DestinationTag(byte KeyId, ulong Value)
{
    /// <summary>Octets beside an IPv4 server: what is left in a Linux SYN.</summary>
    public const int Ipv4Length = 6;

    /// <summary>Octets beside an IPv6 server: what is left if timestamps make room.</summary>
    public const int Ipv6Length = 4;

    /// <summary>Reads a tag of so many octets.</summary>
    internal static DestinationTag Read(byte keyId, ReadOnlySpan<byte> octets)
    {
        var value = 0UL;
        foreach (var octet in octets)
            value = (value << 8) | octet;
        return new DestinationTag(keyId, value);
    }

    /// <summary>Writes the tag into so many octets.</summary>
    internal void Write(Span<byte> octets)
    {
        for (var (i, rest) = (octets.Length - 1, Value); i >= 0; i--, rest >>= 8)
            octets[i] = (byte)rest;
    }
}
