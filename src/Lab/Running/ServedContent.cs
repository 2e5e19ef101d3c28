using System.Buffers.Binary;

namespace Middlebox.Lab.Running;

/// <summary>Writes the files that servers serve under <c>/bytes/</c>.</summary>
/// <remarks>
/// The content is the same on every machine and no two of its eight-byte words are equal, so that lost, repeated and
/// swapped pieces change a file's hash.
/// </remarks>
internal static class ServedContent
{
    private const int BlockBytes = 1 << 16;

    /// <summary>Names and sizes in bytes; powers of ten, as links count.</summary>
    public static readonly IReadOnlyList<(string Name, long Size)> Files =
        [("0", 0), ("1", 1), ("1k", 1_000), ("100k", 100_000), ("1m", 1_000_000), ("10m", 10_000_000), ("100m", 100_000_000)];

    /// <summary>Writes all files into a directory, which is created.</summary>
    public static void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var (name, size) in Files)
            WriteFile(Path.Combine(directory, name), size);
    }

    private static void WriteFile(string path, long size)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var block = new byte[BlockBytes];
        for (long written = 0; written < size; written += block.Length)
        {
            for (var offset = 0; offset < block.Length; offset += sizeof(ulong))
                BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(offset), Mix((ulong)(written + offset)));
            file.Write(block, 0, (int)Math.Min(block.Length, size - written));
        }
    }

    // The output function of SplitMix64, a bijection: different positions give different words.
    private static ulong Mix(ulong position)
    {
        position = (position ^ (position >> 30)) * 0xBF58476D1CE4E5B9;
        position = (position ^ (position >> 27)) * 0x94D049BB133111EB;
        return position ^ (position >> 31);
    }
}
