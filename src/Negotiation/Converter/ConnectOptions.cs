using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Converter;

/// <summary>Checks the TCP options of an Extended Connect TLV (RFC 8803 sections 6.2.5 and 7) against those that the box's kernel sends to servers.</summary>
/// <param name="supported">
/// Kinds that the SYNs of this host have by themselves. A client may ask for them without a value; a value would have to be copied, which the kernel's
/// own TCP cannot do.
/// </param>
public sealed class ConnectOptions(params IEnumerable<TcpOptionKind> supported)
{
    private readonly TcpOptionKind[] _supported = [.. supported];

    /// <summary>What the Supported TCP Extensions TLV lists.</summary>
    public IReadOnlyList<TcpOptionKind> Supported => _supported;

    /// <summary>Looks for options that cannot be sent.</summary>
    /// <param name="options">The field of the TLV, with its padding.</param>
    /// <param name="unsupported">Receives their kinds; as long as the field.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>
    /// <see cref="ConvertRefusal.None"/>, <see cref="ConvertRefusal.UnsupportedTcpOption"/>, or <see cref="ConvertRefusal.MalformedMessage"/> if a length
    /// does not fit.
    /// </returns>
    public ConvertRefusal Check(ReadOnlySpan<byte> options, Span<byte> unsupported, out int count)
    {
        count = 0;
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (!IsIgnored(reader.Kind) && !(_supported.AsSpan().Contains(reader.Kind) && reader.Bytes.Length == TcpConstants.OptionHeaderLength))
                unsupported[count++] = (byte)reader.Kind;
        }

        if (reader.Malformed)
            return ConvertRefusal.MalformedMessage;
        return count == 0 ? ConvertRefusal.None : ConvertRefusal.UnsupportedTcpOption;
    }

    /// <summary>What belongs to the stack that sends the SYN, whatever a client says (sections 7.1 to 7.3).</summary>
    private static bool IsIgnored(TcpOptionKind kind) => kind
        is TcpOptionKind.EndOfList
        or TcpOptionKind.NoOperation
        or TcpOptionKind.MaximumSegmentSize
        or TcpOptionKind.WindowScale
        or TcpOptionKind.Sack;
}
