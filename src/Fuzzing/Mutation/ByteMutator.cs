namespace Middlebox.Fuzzing.Mutation;

/// <summary>
/// Damages bytes as links, attackers and careless writers do: bits, single values, cuts, copies, pieces of other inputs, and words that mean something in
/// the format.
/// </summary>
/// <param name="words">Pieces that mean something; none for a format without.</param>
/// <param name="longest">Longest input made, in bytes.</param>
public sealed class ByteMutator(IReadOnlyList<byte[]> words, int longest = 4096) : IMutator
{
    private const int MostChanges = 5;

    // Limits of lengths and counts.
    private static readonly byte[] Telling = [0, 1, 2, 3, 4, 7, 8, 15, 16, 20, 31, 32, 40, 63, 64, 127, 128, 254, 255];

    public byte[] Mutate(Random random, IReadOnlyList<byte[]> pool)
    {
        var bytes = pool[random.Next(pool.Count)].ToList();
        for (var changes = random.Next(1, MostChanges + 1); changes > 0; changes--)
            Change(random, bytes, pool);
        return bytes.Count > longest ? [.. bytes.Take(longest)] : [.. bytes];
    }

    private void Change(Random random, List<byte> bytes, IReadOnlyList<byte[]> pool)
    {
        var at = random.Next(bytes.Count + 1);
        var rest = bytes.Count - at;
        switch (random.Next(9))
        {
            case 0 when rest > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when rest > 0:
                bytes[at] = Telling[random.Next(Telling.Length)];
                break;
            case 2 when rest > 0:
                bytes[at] = (byte)(bytes[at] + random.Next(-3, 4));
                break;
            case 3 when rest > 0:
                bytes.RemoveRange(at, random.Next(1, Math.Min(rest, 16) + 1));
                break;
            case 4:
                bytes.RemoveRange(at, rest);
                break;
            case 5 when rest > 0:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, random.Next(1, Math.Min(rest, 64) + 1)));
                break;
            case 6:
                var other = pool[random.Next(pool.Count)];
                bytes.RemoveRange(at, rest);
                bytes.AddRange(other.AsSpan(random.Next(other.Length + 1)));
                break;
            case 7 when words.Count > 0:
                var word = words[random.Next(words.Count)];
                // In the place of what is there, or between.
                if (random.Next(2) == 0)
                    bytes.RemoveRange(at, Math.Min(rest, word.Length));
                bytes.InsertRange(at, word);
                break;
            default:
                bytes.Insert(at, (byte)random.Next(256));
                break;
        }
    }
}
