namespace Middlebox.Negotiation.Tests.Wire;

/// <summary>Damages packets as links, attackers and other middleboxes do.</summary>
internal static class PacketMutator
{
    // Version and lengths, fragment, protocol, the data offset of both families, and first octets of the options.
    private static readonly int[] LengthFields = [0, 2, 3, 4, 5, 6, 7, 9, 32, 52, 40, 41, 42, 43, 46, 48, 60, 61];

    public static byte[] Mutate(Random random, byte[][] seeds)
    {
        var bytes = (byte[])seeds[random.Next(seeds.Length)].Clone();
        for (var count = random.Next(4); count > 0 && bytes.Length > 0; count--)
        {
            switch (random.Next(6))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 2:
                    var field = LengthFields[random.Next(LengthFields.Length)];
                    if (field < bytes.Length)
                    {
                        var value = random.Next(2) == 0 ? bytes[field] + random.Next(-4, 5) : random.Next(256);
                        bytes[field] = (byte)value;
                    }

                    break;
                case 3:
                    var other = seeds[random.Next(seeds.Length)];
                    bytes = [.. bytes[..random.Next(bytes.Length)], .. other[random.Next(other.Length)..]];
                    break;
                case 4:
                    bytes = [.. bytes, .. new byte[random.Next(8)]];
                    break;
                default:
                    // Into the options, where the small numbers are lengths.
                    var place = bytes[0] >> 4 == 4 ? 40 : 60;
                    if (place < bytes.Length)
                        bytes[random.Next(place, bytes.Length)] = (byte)random.Next(random.Next(2) == 0 ? 6 : 256);
                    break;
            }
        }

        return bytes;
    }
}
