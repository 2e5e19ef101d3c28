namespace Middlebox.Fuzzing.Oracles;

/// <summary>A second reader of the Convert protocol (RFC 8803 section 6) and of ICMP errors: written from the RFCs, slow, and answering with text.</summary>
internal static class PlainConvert
{
    /// <summary>What the first four octets of a connection say.</summary>
    public static string OfHeader(byte[] octets)
    {
        if (octets.Length < 4 || octets[2] != 0x22 || octets[3] != 0x63)
            return "NotConvert";
        return octets[1] == 0 ? "ZeroLength" : octets[0] == 1 ? "None" : "UnsupportedVersion";
    }

    /// <summary>What a client's message asks for, or the first thing that is wrong with it.</summary>
    public static string OfRequest(byte[] message)
    {
        var (tlvs, isBroken) = Split(message);
        for (var i = 0; i < tlvs.Count; i++)
        {
            var fault = tlvs[i] switch
            {
                [0x01, 1, ..] or [0x0A, >= 5, ..] or [0x16, ..] => "",
                [0x01 or 0x0A, ..] => "MalformedMessage",
                [0x1E, ..] => "ErrorFromClient",
                _ => "UnsupportedMessage",
            };
            if (fault.Length == 0 && tlvs.Take(i).Any(tlv => tlv[0] == tlvs[i][0]))
                fault = "DuplicateTlv";
            if (fault.Length > 0)
                return fault;
        }

        var (info, connect, cookie) = (Find(tlvs, 0x01), Find(tlvs, 0x0A), Find(tlvs, 0x16));
        if (isBroken || (info is null && connect is null))
            return "MalformedMessage";
        var server = connect is null ? "none" : $"{Address(connect[4..20])}:{(connect[2] * 256) + connect[3]}";
        return $"extensions {info is not null}, server {server}, options {Convert.ToHexString(connect?[20..] ?? [])}, cookie {Text(cookie?[4..])}";
    }

    /// <summary>What a converter's message says; "reset" if its client has to reset the connection.</summary>
    public static string OfReply(byte[] message)
    {
        var (tlvs, isBroken) = Split(message);
        if (isBroken || tlvs.Any(tlv => tlv[0] is not (0x1E or 0x14 or 0x15)) || tlvs.DistinctBy(tlv => tlv[0]).Count() < tlvs.Count)
            return "reset";
        var (error, header, kinds) = (Find(tlvs, 0x1E), Find(tlvs, 0x14), Find(tlvs, 0x15));
        return $"error {Text(error?[2..])}, options {Text(header?[4..])}, extensions {Convert.ToHexString(kinds?[4..] ?? [])}";
    }

    /// <summary>Kinds among TCP options that are no mere matter of the sender's, and not asked for by their kind alone; null if a length does not fit.</summary>
    public static byte[]? Unsupported(byte[] options, byte[] supported)
    {
        var list = PlainReader.Walk(options);
        return list.Malformed
            ? null
            : [.. list.Options.Select(option => option.Octets).Where(option => option[0] is not (1 or 2 or 3 or 5) && !(option.Length == 2 && supported.Contains(option[0]))).Select(option => option[0])];
    }

    /// <summary>What a packet says to a box's connection attempt: "none", the options of a SYN/ACK, or the code of an error and whose.</summary>
    public static string OfAnswer(byte[] packet)
    {
        if (PlainReader.Read(packet) is { Defect: "None" } segment)
        {
            var flags = packet[segment.TcpOffset + 13];
            return (flags & 0x16) == 0x12 ? $"SYN/ACK {Flow(packet, segment.TcpOffset, isAnswer: true)} {Convert.ToHexString(segment.Options!)}" : "none";
        }

        var isIpv4 = packet.Length > 0 && packet[0] >> 4 == 4;
        if (Payload(packet, isIpv4, protocol: isIpv4 ? 1 : 58) is not (> 0 and var icmp) || packet.Length < icmp + 8 || packet[icmp] != (isIpv4 ? 3 : 1))
            return "none";
        var quoted = packet[(icmp + 8)..];
        return Payload(quoted, isIpv4, protocol: 6) is > 0 and var tcp && quoted.Length >= tcp + 4
            ? $"unreachable {packet[icmp + 1]} {Flow(quoted, tcp, isAnswer: false)}"
            : "none";
    }

    // 0 if there is none: another version or protocol, a header that is too short, or a fragment that is not the first.
    private static int Payload(byte[] packet, bool isIpv4, int protocol)
    {
        if (isIpv4)
        {
            return packet.Length >= 20 && packet[0] >> 4 == 4 && packet[0] % 16 >= 5 && packet[0] % 16 * 4 <= packet.Length
                && packet[9] == protocol && packet[6] % 32 == 0 && packet[7] == 0
                ? packet[0] % 16 * 4
                : 0;
        }

        return packet.Length >= 40 && packet[0] >> 4 == 6 && packet[6] == protocol ? 40 : 0;
    }

    private static string Flow(byte[] packet, int ports, bool isAnswer)
    {
        var (from, length) = packet[0] >> 4 == 4 ? (12, 4) : (8, 16);
        var source = $"{Address(packet[from..(from + length)])}:{(packet[ports] * 256) + packet[ports + 1]}";
        var destination = $"{Address(packet[(from + length)..(from + length + length)])}:{(packet[ports + 2] * 256) + packet[ports + 3]}";
        return isAnswer ? $"{destination} > {source}" : $"{source} > {destination}";
    }

    private static (List<byte[]> Tlvs, bool IsBroken) Split(byte[] message)
    {
        List<byte[]> tlvs = [];
        for (var rest = message[4..]; rest.Length > 0; rest = rest[tlvs[^1].Length..])
        {
            if (rest.Length < 2 || rest[1] == 0 || rest[1] * 4 > rest.Length)
                return (tlvs, true);
            tlvs.Add(rest[..(rest[1] * 4)]);
        }

        return (tlvs, false);
    }

    private static byte[]? Find(List<byte[]> tlvs, byte type) => tlvs.Find(tlv => tlv[0] == type);

    private static string Text(byte[]? octets) => octets is null ? "none" : $"'{Convert.ToHexString(octets)}'";

    // An IPv4 address may come in its mapped form (RFC 4291 section 2.5.5.2).
    private static string Address(byte[] octets) => Convert.ToHexString(
        octets.Length == 16 && octets[..10].All(octet => octet == 0) && octets[10] == 255 && octets[11] == 255 ? octets[12..] : octets);
}
