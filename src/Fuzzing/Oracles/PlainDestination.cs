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
        return $"{Convert.ToHexString(octets[4..^2])}:{(octets[^2] * 256) + octets[^1]} transparent {octets[2] % 2 == 1} at {offset}";
    }

    private static bool IsDestination(byte[] octets) => octets switch
    {
        [30, 10, 0xF0 or 0xF1, 1, ..] => true,
        // An address that IPv4 writes shorter is none.
        [30, 22, 0xF0 or 0xF1, 1, ..] => !(octets[4..14].All(octet => octet == 0) && octets[14] == 255 && octets[15] == 255),
        _ => false,
    };
}
