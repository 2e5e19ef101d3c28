namespace Middlebox.Fuzzing.Oracles;

/// <summary>What may be different between a packet and what an edit has made of it: options, lengths and checksums, and nothing else.</summary>
internal static class PacketChange
{
    private const int NoOperation = 1;
    private const int Ones = 0xFFFF;

    /// <summary>Requires that an edit has changed options only, and has kept checksums as right or wrong as they were.</summary>
    /// <param name="before">The packet, exactly as long as its header says, and readable.</param>
    /// <param name="after">What it has become.</param>
    /// <param name="edit">The edit, for the message.</param>
    /// <param name="options">The options afterwards without NOPs, in order; null for any.</param>
    /// <param name="changedFlags">TCP flags that may be different.</param>
    /// <exception cref="OracleException">Something else has changed.</exception>
    public static void Require(byte[] before, byte[] after, string edit, IEnumerable<string>? options = null, int changedFlags = 0)
    {
        var (old, now) = (PlainReader.Read(before), PlainReader.Read(after));
        OracleException.Require(now.Defect == "None" && now.Length == after.Length && now.TcpOffset == old.TcpOffset, $"{edit}: {now.Defect} afterwards");
        var (from, to) = (Masked(before, old, changedFlags), Masked(after, now, changedFlags));
        OracleException.Require(from.SequenceEqual(to), $"{edit}: {Convert.ToHexString(from)} has become {Convert.ToHexString(to)}");
        OracleException.Require(
            PlainReader.TcpResidue(before, old.TcpOffset) % Ones == PlainReader.TcpResidue(after, now.TcpOffset) % Ones, $"{edit}: TCP checksum");
        if (before[0] >> 4 == 4)
            OracleException.Require(IpResidue(before) == IpResidue(after), $"{edit}: IP checksum");
        if (options is not null)
        {
            var kept = Kept(now.Options!);
            OracleException.Require(kept.SequenceEqual(options), $"{edit}: options are now {string.Join(' ', kept)}");
        }
    }

    /// <summary>Every option but NOPs, as hexadecimal digits; without the one at an offset.</summary>
    public static List<string> Kept(byte[] options, int except = -1) =>
    [
        .. PlainReader.Walk(options).Options
            .Where(option => option.Octets[0] != NoOperation && option.Offset != except)
            .Select(option => Convert.ToHexString(option.Octets)),
    ];

    private static int IpResidue(byte[] packet) => PlainReader.Checksum(packet[..(packet[0] % 16 * 4)]) % Ones;

    // The packet without its options, lengths, checksums and the flags in question.
    private static byte[] Masked(byte[] packet, PlainReader.Reading reading, int flags)
    {
        byte[] masked = [.. packet.AsSpan(0, reading.TcpOffset + 20), .. packet.AsSpan(reading.TcpOffset + 20 + reading.Options!.Length)];
        if (packet[0] >> 4 == 4)
            masked[2] = masked[3] = masked[10] = masked[11] = 0;
        else
            masked[4] = masked[5] = 0;
        var tcp = masked.AsSpan(reading.TcpOffset);
        tcp[12] &= (byte)(0x0F & ~(flags >> 8));
        tcp[13] &= (byte)~flags;
        tcp[16] = tcp[17] = 0;
        return masked;
    }
}
