using System.Text;

namespace Middlebox.Interceptor.Rules;

/// <summary>
/// Says in the network namespace itself where the journal lies of the box that has changed it: in a comment, in a chain that no packet comes to. Who finds it knows
/// what a box that was killed has left there, whatever that box was called and wherever it had its control socket.
/// </summary>
public static class JournalMark
{
    /// <summary>In the table filter of IPv4. Goes last of all chains, when nothing is left to be undone.</summary>
    public const string Chain = FirewallRules.ChainPrefix + "JOURNAL";

    private const string Comment = "-A " + Chain + " -m comment --comment ";

    // Of xt_comment, without the final zero.
    private const int MostBytes = 255;

    /// <summary>What leaves the mark, for iptables-restore --noflush; null if a comment cannot hold the path.</summary>
    /// <param name="journal">Path of the journal.</param>
    public static string? Installation(string journal) => Encoding.UTF8.GetByteCount(journal) > MostBytes || journal.Any(char.IsControl)
        ? null
        : $"*filter\n:{Chain} - [0:0]\n{Comment}\"{journal.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"\nCOMMIT\n";

    /// <summary>What removes it, for iptables-restore --noflush, which fails if it is not there.</summary>
    public static string Removal => $"*filter\n-F {Chain}\n-X {Chain}\nCOMMIT\n";

    /// <summary>Whether there is one, that says something or not.</summary>
    /// <param name="saved">Output of iptables-save.</param>
    public static bool IsIn(string saved) => Lines(saved).Any(line => line.StartsWith($":{Chain} ", StringComparison.Ordinal));

    /// <summary>Where the journal lies, as the mark says; null if there is none.</summary>
    /// <param name="saved">Output of iptables-save.</param>
    public static string? JournalIn(string saved) =>
        Lines(saved).FirstOrDefault(line => line.StartsWith(Comment, StringComparison.Ordinal)) is { } line ? Unquote(line[Comment.Length..]) : null;

    private static string[] Lines(string saved) => saved.Split('\n', StringSplitOptions.TrimEntries);

    /// <summary>iptables-save puts text in quotes unless it is of letters, and a backslash before quotes and backslashes.</summary>
    private static string Unquote(string text)
    {
        if (text is not ['"', .. var quoted, '"'])
            return text;
        var plain = new StringBuilder();
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length)
                i++;
            plain.Append(quoted[i]);
        }

        return plain.ToString();
    }
}
