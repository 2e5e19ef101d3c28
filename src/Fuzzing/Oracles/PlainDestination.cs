using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Oracles;

/// <summary>A second reader of SYNs that name a server to a proxy (docs/addressed.md): slow, and answering with text.</summary>
internal static class PlainDestination
{
    /// <summary>What the options of a SYN name, and where the option begins.</summary>
    public static string Of(byte[] options)
    {
        var walk = PlainReader.Walk(options);
        var named = walk.Options.Where(option => IsDestination(option.Octets)).ToList();
        if (walk.Malformed || named.Count != 1)
            return "none";
        var (offset, octets) = named[0];
        var end = EndOfAddress(octets);
        return $"{Convert.ToHexString(octets[4..end])}:{(octets[end] * 256) + octets[end + 1]} transparent {octets[2] % 2 == 1} at {offset}"
            + (IsSigned(octets) ? $" key {octets[3]} tag {Convert.ToHexString(octets[(end + 2)..])}" : "");
    }

    /// <summary>Whether the SYN of a packet, which names a server, has a tag that was made with one of the keys that it may be made with.</summary>
    public static bool IsSignedRightly(byte[] packet, IReadOnlyDictionary<byte, byte[]> keys)
    {
        var (offset, octets) = PlainReader.Walk(PlainReader.Read(packet).Options!).Options.Single(option => IsDestination(option.Octets));
        if (!IsSigned(octets) || !keys.TryGetValue(octets[3], out var key))
            return false;
        TcpPacket.Read(packet, out var syn);
        var end = EndOfAddress(octets);
        var tag = PlainTag.OfDestination(key, octets[2] % 2, $"{syn.Source}", $"{syn.Destination}", syn.Sequence, octets[4..(end + 2)], octets.Length - end - 2);
        return tag.AsSpan().SequenceEqual(octets.AsSpan(end + 2));
    }

    private static int EndOfAddress(byte[] octets) => octets.Length < 20 ? 8 : 20;

    private static bool IsSigned(byte[] octets) => octets.Length is 16 or 26;

    private static bool IsDestination(byte[] octets) => octets switch
    {
        [30, 10, 0xF0 or 0xF1, 1, ..] => true,
        // An address that IPv4 writes shorter is none.
        [30, 16, 0xF2 or 0xF3, < 64, ..] => true,
        [30, 22, 0xF0 or 0xF1, 1, ..] or [30, 26, 0xF2 or 0xF3, < 64, ..] => !(octets[4..14].All(octet => octet == 0) && octets[14] == 255 && octets[15] == 255),
        _ => false,
    };
}
