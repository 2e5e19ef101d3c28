namespace Middlebox.Fuzzing.Mutation;

/// <summary>Damages IP packets with TCP where it tells: in length fields, flags and options; and leaves half of what it makes readable.</summary>
public sealed class PacketMutator : IMutator
{
    private const int MostChanges = 4;

    // Version and lengths, fragment, protocol, and the data offset of both families.
    private static readonly int[] LengthFields = [0, 2, 3, 4, 5, 6, 7, 9, 32, 52];

    private static readonly byte[] OptionKinds = [0, 1, 2, 3, 4, 5, 8, 19, 29, 30, 30, 30, 34, 253, 254];

    private readonly ByteMutator _bytes = new([]);

    public byte[] Mutate(Random random, IReadOnlyList<byte[]> pool)
    {
        var bytes = (byte[])pool[random.Next(pool.Count)].Clone();
        for (var count = random.Next(1, MostChanges + 1); count > 0; count--)
            bytes = Change(random, bytes, pool);
        return bytes;
    }

    private byte[] Change(Random random, byte[] bytes, IReadOnlyList<byte[]> pool)
    {
        if (bytes.Length == 0)
            return [(byte)random.Next(256)];
        switch (random.Next(8))
        {
            case 0:
                return _bytes.Mutate(random, pool);
            case 1:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 2:
                return bytes[..random.Next(bytes.Length)];
            case 3:
                var field = LengthFields[random.Next(LengthFields.Length)];
                if (field < bytes.Length)
                    bytes[field] = (byte)(random.Next(2) == 0 ? bytes[field] + random.Next(-4, 5) : random.Next(256));
                return bytes;
            case 4:
                return [.. bytes, .. new byte[random.Next(8)]];
            default:
                ChangeOptions(random, bytes);
                return bytes;
        }
    }

    // Kinds and small numbers, which are lengths.
    private static void ChangeOptions(Random random, byte[] bytes)
    {
        var start = bytes[0] >> 4 == 4 ? ((bytes[0] & 15) * 4) + 20 : 60;
        if (start >= bytes.Length)
            return;
        var at = random.Next(start, bytes.Length);
        bytes[at] = random.Next(3) switch
        {
            0 => OptionKinds[random.Next(OptionKinds.Length)],
            1 => (byte)random.Next(25),
            _ => (byte)random.Next(256),
        };
    }
}
