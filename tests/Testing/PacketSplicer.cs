using System.Buffers.Binary;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Testing;

/// <summary>Puts headers between the IP and the TCP header of a packet; the TCP checksum does not cover them.</summary>
internal static class PacketSplicer
{
    public static byte[] InsertIpv4Options(byte[] packet, byte[] options)
    {
        if (options.Length == 0)
            return packet;

        byte[] longer =
        [
            .. packet.AsSpan(0, IpConstants.Ipv4MinimumHeaderLength),
            .. options,
            .. packet.AsSpan(IpConstants.Ipv4MinimumHeaderLength),
        ];
        var header = longer.AsSpan(0, IpConstants.Ipv4MinimumHeaderLength + options.Length);
        header[0] = (byte)(((int)IpProtocolVersion.V4 << 4) | (header.Length / sizeof(uint)));
        BinaryPrimitives.WriteUInt16BigEndian(header[IpConstants.Ipv4TotalLengthOffset..], (ushort)longer.Length);
        header.Slice(IpConstants.Ipv4ChecksumOffset, sizeof(ushort)).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(
            header[IpConstants.Ipv4ChecksumOffset..], InternetChecksum.Compute(header));
        return longer;
    }

    public static byte[] InsertExtensionHeaders(byte[] packet, List<(byte Protocol, byte[] Content)> headers)
    {
        var longer = packet.AsSpan(0, IpConstants.Ipv6HeaderLength).ToArray().ToList();
        var nextHeader = IpConstants.Ipv6NextHeaderOffset;
        foreach (var (protocol, content) in headers)
        {
            longer[nextHeader] = protocol;
            nextHeader = longer.Count;
            longer.Add(IpConstants.ProtocolTcp);
            longer.AddRange(content);
        }

        longer.AddRange(packet.AsSpan(IpConstants.Ipv6HeaderLength));
        var bytes = longer.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(
            bytes.AsSpan(IpConstants.Ipv6PayloadLengthOffset),
            (ushort)(bytes.Length - IpConstants.Ipv6HeaderLength));
        return bytes;
    }
}
