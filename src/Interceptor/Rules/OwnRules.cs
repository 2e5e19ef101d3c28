namespace Middlebox.Interceptor.Rules;

/// <summary>Finds the box's own rules among all that are in force, to tell whether they are whole.</summary>
public static class OwnRules
{
    /// <summary>Reads the output of iptables-save: chains of the box, the rules in them and the jumps to them, in their order.</summary>
    public static IReadOnlyList<string> In(string saved)
    {
        List<string> own = [];
        foreach (var line in saved.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('*'))
                own.Add(line);
            else if (line.StartsWith(':' + FirewallRules.ChainPrefix, StringComparison.Ordinal))
                // What follows the name are counters.
                own.Add(line[..line.IndexOf(' ', StringComparison.Ordinal)]);
            else if (IsRule(line) || IsJump(line))
                own.Add(line);
        }

        // Tables without any are nobody's concern: they come and go with the rules of others.
        return [.. own.Where((line, index) => !line.StartsWith('*') || (index + 1 < own.Count && !own[index + 1].StartsWith('*')))];
    }

    /// <summary>Whether a line is a jump from a chain that is not the box's. A jump ends its line; in a comment of the administrator's it does not.</summary>
    internal static bool IsJump(string line)
    {
        const string Jump = " -j ";
        var target = line.LastIndexOf(Jump, StringComparison.Ordinal) is >= 0 and var at ? line[(at + Jump.Length)..] : "";
        return line.StartsWith("-A ", StringComparison.Ordinal)
            && !IsRule(line)
            && target.StartsWith(FirewallRules.ChainPrefix, StringComparison.Ordinal)
            && !target.AsSpan().ContainsAny(' ', '"');
    }

    private static bool IsRule(string line) => line.StartsWith("-A " + FirewallRules.ChainPrefix, StringComparison.Ordinal);
}
