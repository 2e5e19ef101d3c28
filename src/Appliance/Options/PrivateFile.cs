using System.Diagnostics.CodeAnalysis;
using Middlebox.Native;

namespace Middlebox.Appliance.Options;

/// <summary>A file with a secret: nobody but its owner may read or write it, and that is root or the user who runs the box.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OthersAccess =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads the lines, without blanks around them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lines">The lines, if there is no problem.</param>
    /// <param name="problem">What is wrong, and what to do.</param>
    public static bool TryReadLines(
        string path, [NotNullWhen(true)] out string[]? lines, [NotNullWhen(false)] out string? problem)
    {
        lines = null;
        // One descriptor for all, so that what is checked is what is read.
        if (!RegularFile.TryOpen(path, out var file, out problem))
        {
            problem = $"'{path}' cannot be read: {problem}";
            return false;
        }

        using (file)
        {
            if ((File.GetUnixFileMode(file) & OthersAccess) != 0)
                problem = $"'{path}' may be read or written by others than its owner; chmod 600 it";
            else if (!FileOwner.IsTrusted(file))
                problem = $"'{path}' belongs to user id {FileOwner.Of(file)}, who could change it; chown it to root or to the user who runs the box";
            else if (RegularFile.TryReadText(file, out var text, out problem))
                lines = text.Split('\n', StringSplitOptions.TrimEntries);
            else
                problem = $"'{path}' cannot be read: {problem}";
        }

        return lines is not null;
    }
}
