using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>
/// The Internet checksum (RFC 1071) of IPv4 headers and TCP segments, whole and incremental (RFC 1624).
/// </summary>
public static class InternetChecksum
{
    /// <summary>Adds up big-endian 16-bit words, a last odd octet counting as the upper half of one.</summary>
    /// <param name="data">At most 65,535 octets.</param>
    /// <param name="initial">A sum to continue; whatever it was made of had an even number of octets.</param>
    /// <returns>A sum that is not folded: carries are in the upper half.</returns>
    public static uint Sum(ReadOnlySpan<byte> data, uint initial = 0)
    {
        ulong sum = initial;
        while (data.Length >= sizeof(uint))
        {
            sum += BinaryPrimitives.ReadUInt32BigEndian(data);
            data = data[sizeof(uint)..];
        }

        if (data.Length >= sizeof(ushort))
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(data);
            data = data[sizeof(ushort)..];
        }

        if (!data.IsEmpty)
            sum += (uint)data[0] << 8;

        // 2^16 is 1 modulo 65,535, so wide words may be cut into halves afterwards.
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        return (uint)((sum & 0xFFFF) + ((sum >> 16) & 0xFFFF) + (sum >> 32));
    }

    /// <summary>Folds the carries of a sum into 16 bits.</summary>
    public static ushort Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)(sum + (sum >> 16));
    }

    /// <summary>The checksum of the octets: the complement of their folded sum, in host byte order.</summary>
    public static ushort Compute(ReadOnlySpan<byte> data) => (ushort)~Fold(Sum(data));

    /// <summary>
    /// Mends a checksum after one word, or a folded sum of words, was replaced (RFC 1624 section 3, equation 3).
    /// </summary>
    public static ushort Update(ushort checksum, ushort oldWord, ushort newWord) =>
        (ushort)~Fold((uint)(ushort)~checksum + (ushort)~oldWord + newWord);

    /// <summary>
    /// The TCP checksum of a packet over its pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1), whatever its
    /// checksum field holds.
    /// </summary>
    /// <param name="ipPacket">
    /// A packet that <see cref="TcpPacket.Read"/> took; exactly as long as its IP length says.
    /// </param>
    /// <param name="tcpOffset">Where the TCP header begins.</param>
    public static ushort TcpChecksum(ReadOnlySpan<byte> ipPacket, int tcpOffset)
    {
        var segment = ipPacket[tcpOffset..];
        var sum = Sum(segment[..TcpConstants.ChecksumOffset], PseudoHeaderSum(ipPacket, segment.Length));
        return (ushort)~Fold(Sum(segment[TcpConstants.UrgentPointerOffset..], sum));
    }

    /// <summary>Whether the TCP checksum field is right; parameters as in <see cref="TcpChecksum"/>.</summary>
    public static bool TcpChecksumIsValid(ReadOnlySpan<byte> ipPacket, int tcpOffset) =>
        Fold(Sum(ipPacket[tcpOffset..], PseudoHeaderSum(ipPacket, ipPacket.Length - tcpOffset))) == 0xFFFF;

    private static uint PseudoHeaderSum(ReadOnlySpan<byte> ipPacket, int tcpLength)
    {
        // Source and destination are neighbours in both headers.
        var addresses = ipPacket[0] >> 4 == (int)IpProtocolVersion.V4
            ? ipPacket.Slice(IpConstants.Ipv4SourceOffset, 8)
            : ipPacket.Slice(IpConstants.Ipv6SourceOffset, 32);
        return Sum(addresses, (uint)tcpLength + IpConstants.ProtocolTcp);
    }
}
