using System.Diagnostics;

namespace Middlebox.Fuzzing;

/// <summary>Makes a finding easier to read.</summary>
internal static class InputReduction
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Leaves pieces out, shorter and shorter ones, as long as what remains still fails.</summary>
    public static byte[] Shorten(byte[] input, Func<byte[], bool> fails)
    {
        var start = Stopwatch.GetTimestamp();
        for (var length = input.Length / 2; length > 0; length /= 2)
        {
            for (var at = 0; at + length <= input.Length && Stopwatch.GetElapsedTime(start) < Patience;)
            {
                byte[] candidate = [.. input.AsSpan(0, at), .. input.AsSpan(at + length)];
                if (fails(candidate))
                    input = candidate;
                else
                    at += length;
            }
        }

        return input;
    }
}
