using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Oracles;

/// <summary>Whether the claim in a segment is signed rightly, as docs/explicit.md describes it and by a second reader.</summary>
internal static class PlainClaim
{
    /// <summary>Keys by id, and proxies, of the operator whose boxes read the claims.</summary>
    public static IReadOnlyDictionary<byte, byte[]> Keys { get; } = new Dictionary<byte, byte[]>
    {
        [1] = [.. Enumerable.Range(0, 16).Select(i => (byte)i)],
        [63] = [.. Enumerable.Range(100, 32).Select(i => (byte)i)],
    };

    public static IReadOnlyList<ushort> Proxies { get; } = [17, 0xABCD];

    /// <summary>"absent", "rejected", or "valid" with proxy and preference, for a reader that takes signed claims only.</summary>
    public static string OfSyn(byte[] packet, in TcpPacket syn)
    {
        var claim = FindClaim(packet, out var hasBit);
        if (claim is null)
            return hasBit ? "rejected" : "absent";
        if (claim.Length != 14 || claim[3] >> 6 != 0 || !Keys.TryGetValue((byte)(claim[3] & 63), out var key))
            return "rejected";
        var (proxy, preference) = ((ushort)((claim[4] * 256) + claim[5]), (byte)(claim[2] & 7));
        var tag = PlainTag.OfSyn(key, $"{syn.Source}", $"{syn.Destination}", syn.Sequence, proxy, preference, 8);
        return tag.AsSpan().SequenceEqual(claim.AsSpan(6)) ? $"valid {proxy} {preference}" : "rejected";
    }

    /// <summary>The same of a SYN/ACK.</summary>
    public static string OfSynAck(byte[] packet, in TcpPacket synAck)
    {
        var claim = FindClaim(packet, out var hasBit);
        if (claim is null)
            return hasBit ? "rejected" : "absent";
        var capables = OptionsOf(packet).FindAll(option => option.Length > 2 && option[0] == 30 && option[2] >> 4 == 0);
        if (claim.Length != 8
            || claim[3] >> 6 != 0
            || !Keys.TryGetValue((byte)(claim[3] & 63), out var key)
            || capables is not [[30, 12, 1, ..] capable])
            return "rejected";
        foreach (var proxy in Proxies)
        {
            var preference = (byte)(claim[2] & 7);
            var tag = PlainTag.OfSynAck(
                key, $"{synAck.Destination}", $"{synAck.Source}", synAck.Acknowledgment - 1, synAck.Sequence, capable[4..], proxy, preference, 4);
            if (tag.AsSpan().SequenceEqual(claim.AsSpan(4)))
                return $"valid {proxy} {preference}";
        }

        return "rejected";
    }

    // Option 30 of subtype 15 with P, the last one; or else bit B of the one MP_CAPABLE of a known version.
    private static byte[]? FindClaim(byte[] packet, out bool hasBit)
    {
        var options = OptionsOf(packet);
        var capable = options.Find(option => option.Length > 2 && option[0] == 30 && option[2] >> 4 == 0);
        hasBit = capable is [_, 12, 0, ..] or [_, 4 or 12, 1, ..] && (capable[3] & 0x40) != 0;
        return options.FindLast(option => option.Length > 2 && option[0] == 30 && option[2] >> 4 == 15 && (option[2] & 8) != 0);
    }

    private static List<byte[]> OptionsOf(byte[] packet) =>
        [.. PlainReader.Walk(PlainReader.Read(packet).Options!).Options.Select(option => option.Octets)];
}
