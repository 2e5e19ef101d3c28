using System.Diagnostics.CodeAnalysis;

namespace Middlebox.Appliance.Options;

/// <summary>The file with the token of the dashboard.</summary>
internal static class TokenFile
{
    private const int ShortestToken = 16;
    private const int LongestToken = 256;

    /// <param name="path">The file.</param>
    /// <param name="token">The token, if there is no problem.</param>
    /// <param name="problem">What is wrong; never the token.</param>
    public static bool TryRead(string path, [NotNullWhen(true)] out string? token, [NotNullWhen(false)] out string? problem)
    {
        token = null;
        if (!PrivateFile.TryReadLines(path, out var lines, out problem))
            return false;
        var text = string.Join('\n', lines).Trim();
        if (text.Length is < ShortestToken or > LongestToken || !text.All(static letter => letter is > ' ' and <= '~'))
        {
            problem = $"'{path}' must hold one line of {ShortestToken} to {LongestToken} visible ASCII characters, such as openssl rand -hex 32 writes";
            return false;
        }

        token = text;
        return true;
    }
}
