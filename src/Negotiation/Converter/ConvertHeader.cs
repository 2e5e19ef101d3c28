using System.Buffers.Binary;

namespace Middlebox.Negotiation.Converter;

/// <summary>The fixed header with which both sides begin (RFC 8803 section 6.1, figure 13).</summary>
/// <remarks>
/// <code>
///  0: version | 1: total length in words, header included | 2-3: 0x2263
/// </code>
/// </remarks>
/// <param name="Version">1.</param>
/// <param name="Words">Words of the message, this one included: 0 to 255.</param>
public readonly record struct ConvertHeader(byte Version, byte Words)
{
    private const int VersionOffset = 0;
    private const int WordsOffset = 1;
    private const int MagicOffset = 2;

    /// <summary>Octets of the message, this header included: 0 to 1,020.</summary>
    public int MessageLength => Words * ConvertConstants.WordLength;

    /// <summary>Reads the first four octets of a connection.</summary>
    /// <returns>
    /// <see cref="ConvertRefusal.None"/> if a message of this version follows; otherwise <see cref="ConvertRefusal.NotConvert"/>,
    /// <see cref="ConvertRefusal.ZeroLength"/> or <see cref="ConvertRefusal.UnsupportedVersion"/>.
    /// </returns>
    public static ConvertRefusal Read(ReadOnlySpan<byte> octets, out ConvertHeader header)
    {
        header = default;
        if (octets.Length < ConvertConstants.HeaderLength
            || BinaryPrimitives.ReadUInt16BigEndian(octets[MagicOffset..]) != ConvertConstants.Magic)
            return ConvertRefusal.NotConvert;
        header = new ConvertHeader(octets[VersionOffset], octets[WordsOffset]);
        if (header.Words == 0)
            return ConvertRefusal.ZeroLength;
        return header.Version == ConvertConstants.Version ? ConvertRefusal.None : ConvertRefusal.UnsupportedVersion;
    }

    /// <summary>Writes four octets.</summary>
    public void WriteTo(Span<byte> octets)
    {
        octets[VersionOffset] = Version;
        octets[WordsOffset] = Words;
        BinaryPrimitives.WriteUInt16BigEndian(octets[MagicOffset..], ConvertConstants.Magic);
    }
}
