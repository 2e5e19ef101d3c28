using System.Security.Cryptography;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>A long stream of bytes that both ends know, so that every byte that comes can be compared at once with what was sent.</summary>
internal static class PatternBytes
{
    // A prime, so that nothing repeats with the length of buffers and segments.
    private const int Period = 1_048_573;
    private const int Longest = 65_536;

    private static readonly byte[] Block = Make();

    /// <summary>The bytes of a stream from a position on; at most 65,536 at a time.</summary>
    public static ReadOnlyMemory<byte> At(int stream, long position, int length) =>
        Block.AsMemory((int)((stream + position) % Period), Math.Min(length, Longest));

    /// <summary>What is wrong with bytes that are not those of a stream at a position: where it begins, and whether they belong elsewhere.</summary>
    public static string Difference(int stream, long position, ReadOnlySpan<byte> bytes)
    {
        const int Telling = 16;
        var right = bytes.CommonPrefixLength(At(stream, position, bytes.Length).Span);
        var wrong = bytes[right..];
        var found = wrong.Length < Telling ? -1 : Block.AsSpan().IndexOf(wrong[..Telling]);
        if (found < 0)
            return $"at {position + right} come {Convert.ToHexString(wrong[..Math.Min(Telling, wrong.Length)])} and so on, {wrong.Length} bytes, in the place of"
                + $" {Convert.ToHexString(At(stream, position + right, Telling).Span)}";
        // The nearest place, before or behind, as the block repeats.
        var shift = (found - (stream + position + right)) % Period;
        shift += shift < -Period / 2 ? Period : shift > Period / 2 ? -Period : 0;
        var stretch = wrong.CommonPrefixLength(Block.AsSpan(found, Math.Min(wrong.Length, Block.Length - found)));
        return $"at {position + right} come {stretch} bytes that belong {Math.Abs(shift)} {(shift < 0 ? "earlier" : "later")}, then {wrong.Length - stretch} others";
    }

    private static byte[] Make()
    {
        var block = RandomNumberGenerator.GetBytes(Period + Longest);
        block.AsSpan(0, Longest).CopyTo(block.AsSpan(Period));
        return block;
    }
}
