namespace Middlebox.Fuzzing.Oracles;

// The oracle of the fuzz targets and of tests: written from the RFCs without a look at the code under test, slow and plain. It copies,
// names nothing by offset constants of the product, and answers with text and lists so that a difference can be read.

/// <summary>A second reader of IPv4, IPv6 and TCP options.</summary>
internal static class PlainReader
{
    /// <summary>What a packet says, or why it says nothing.</summary>
    public sealed record Reading(
        string Defect, int TcpOffset = 0, int Length = 0, string Text = "", byte[]? Options = null);

    /// <summary>Options as (offset, octets), and whether the walk ended early.</summary>
    public sealed record OptionList(List<(int Offset, byte[] Octets)> Options, bool Malformed);

    public static Reading Read(byte[] packet)
    {
        if (packet.Length == 0)
            return new Reading("Truncated");

        return (packet[0] >> 4) switch
        {
            4 => ReadIpv4(packet),
            6 => ReadIpv6(packet),
            _ => new Reading("NotIp"),
        };
    }

    public static OptionList Walk(byte[] area)
    {
        var options = new List<(int, byte[])>();
        var position = 0;
        while (position < area.Length && area[position] != 0)
        {
            if (area[position] == 1)
            {
                options.Add((position++, [1]));
                continue;
            }

            if (position + 1 == area.Length || area[position + 1] < 2 || position + area[position + 1] > area.Length)
                return new OptionList(options, true);

            options.Add((position, area[position..(position + area[position + 1])]));
            position += area[position + 1];
        }

        return new OptionList(options, false);
    }

    public static ushort Checksum(byte[] octets)
    {
        var sum = 0;
        for (var i = 0; i < octets.Length; i++)
        {
            sum += i % 2 == 0 ? octets[i] * 256 : octets[i];
            if (sum > 0xFFFF)
                sum -= 0xFFFF;
        }

        return (ushort)(0xFFFF - sum);
    }

    /// <summary>The sum over pseudo-header and segment as it stands: 0 in a packet without damage.</summary>
    public static ushort TcpResidue(byte[] packet, int tcpOffset)
    {
        var addresses = packet[0] >> 4 == 4 ? packet[12..20] : packet[8..40];
        var segment = packet[tcpOffset..];
        byte[] tail = [0, 6, (byte)(segment.Length >> 8), (byte)segment.Length];
        return Checksum([.. addresses, .. tail, .. segment]);
    }

    private static Reading ReadIpv4(byte[] packet)
    {
        if (packet.Length < 20)
            return new Reading("Truncated");
        var header = packet[0] % 16 * 4;
        var total = (packet[2] * 256) + packet[3];
        if (header < 20)
            return new Reading("BadHeaderLength");
        if (total < header || total > packet.Length)
            return new Reading("BadTotalLength");
        if ((packet[6] & 0x20) != 0 || (packet[6] & 0x1F) != 0 || packet[7] != 0)
            return new Reading("Fragment");
        if (packet[9] != 6)
            return new Reading("NotTcp");

        return ReadTcp(packet[..total], header, packet[1], packet[12..16], packet[16..20]);
    }

    private static Reading ReadIpv6(byte[] packet)
    {
        if (packet.Length < 40)
            return new Reading("Truncated");
        var total = 40 + (packet[4] * 256) + packet[5];
        if (total > packet.Length)
            return new Reading("BadTotalLength");
        if (IsMapped(packet[8..24]) || IsMapped(packet[24..40]))
            return new Reading("MappedAddress");

        var (next, position) = (packet[6], 40);
        for (var count = 0; next != 6; count++)
        {
            if (next is not (0 or 43 or 44 or 51 or 60))
                return new Reading("NotTcp");
            if (next == 44)
                return new Reading("Fragment");
            if (count == 8)
                return new Reading("TooManyExtensionHeaders");
            if (position + 8 > total)
                return new Reading("Truncated");
            if (next == 43 && packet[position + 3] > 0)
                return new Reading("SourceRouted");
            var length = next == 51 ? (packet[position + 1] + 2) * 4 : (packet[position + 1] + 1) * 8;
            if (position + length > total)
                return new Reading("BadHeaderLength");
            next = packet[position];
            position += length;
        }

        var trafficClass = (packet[0] % 16 * 16) + (packet[1] / 16);
        return ReadTcp(packet[..total], position, trafficClass, packet[8..24], packet[24..40]);
    }

    private static Reading ReadTcp(byte[] packet, int offset, int trafficClass, byte[] from, byte[] to)
    {
        var tcp = packet[offset..];
        if (tcp.Length < 20)
            return new Reading("Truncated");
        var header = tcp[12] / 16 * 4;
        if (header < 20 || header > tcp.Length)
            return new Reading("BadHeaderLength");

        var text = $"{Convert.ToHexString(from)}:{(tcp[0] * 256) + tcp[1]}"
            + $" > {Convert.ToHexString(to)}:{(tcp[2] * 256) + tcp[3]}"
            + $" seq {Convert.ToHexString(tcp[4..8])} ack {Convert.ToHexString(tcp[8..12])} flags {tcp[13]}"
            + $" window {(tcp[14] * 256) + tcp[15]} class {trafficClass} payload {tcp.Length - header}";
        return new Reading("None", offset, packet.Length, text, tcp[20..header]);
    }

    private static bool IsMapped(byte[] octets) => octets[..10].All(octet => octet == 0) && octets[10] == 255
        && octets[11] == 255;
}
