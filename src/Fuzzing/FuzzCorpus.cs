using System.Reflection;
using System.Security.Cryptography;
using Middlebox.Native;

namespace Middlebox.Fuzzing;

/// <summary>
/// Inputs to begin with, in a folder for each target: in the assembly, and in a directory that a user names. Files that end with .hex hold hexadecimal
/// digits, and behind # remarks; all others are taken as they are.
/// </summary>
public static class FuzzCorpus
{
    private const string Root = "Corpus/";
    private const string HexEnding = ".hex";

    /// <summary>What the project keeps for a target, by file name.</summary>
    public static IReadOnlyList<byte[]> Shipped(string target)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var folder = $"{Root}{target}/";
        return
        [
            .. assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
            {
                using var content = assembly.GetManifestResourceStream(name)!;
                using var copy = new MemoryStream();
                content.CopyTo(copy);
                return Decode(name, copy.ToArray());
            }),
        ];
    }

    /// <summary>What a directory has for a target, by file name; nothing if there is no such folder, or no such directory.</summary>
    /// <exception cref="IOException">The directory or its folder is something else, or a file cannot be read.</exception>
    public static IReadOnlyList<byte[]> In(string directory, string target)
    {
        var folder = Path.Combine(directory, target);
        // Or a finding, which is written there, would be lost at the end of a long run.
        return IsDirectory(directory) && IsDirectory(folder)
            ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => Decode(file, Read(file)))]
            : [];
    }

    /// <summary>Writes an input into the target's folder, under a name that follows from it.</summary>
    /// <returns>The file.</returns>
    public static string Write(string directory, string target, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(directory, target));
        var file = Path.Combine(folder.FullName, $"{Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8))}.bin");
        File.WriteAllBytes(file, input);
        return file;
    }

    private static bool IsDirectory(string path) => RegularFile.KindOf(path) switch
    {
        null => false,
        FileKind.Directory => true,
        { } other => throw new IOException($"{path}: it is {other.Describe()}, and a directory is asked for; name one, or a name that nothing has"),
    };

    private static byte[] Read(string file) =>
        RegularFile.TryRead(file, out var content, out var problem) ? content : throw new IOException($"{file}: {problem}");

    private static byte[] Decode(string name, byte[] content)
    {
        if (!name.EndsWith(HexEnding, StringComparison.Ordinal))
            return content;
        var digits = System.Text.Encoding.UTF8.GetString(content).Split('\n')
            .Select(line => line.Split('#')[0])
            .SelectMany(line => line.Where(letter => !char.IsWhiteSpace(letter)));
        return Convert.FromHexString(string.Concat(digits));
    }
}
