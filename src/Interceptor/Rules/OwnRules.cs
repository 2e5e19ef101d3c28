namespace Middlebox.Interceptor.Rules;

/// <summary>Finds the box's own rules among all that are in force, to tell whether they are whole.</summary>
public static class OwnRules
{
    /// <summary>Reads the output of iptables-save: chains of the box, the rules in them and the box's jumps to them, in their order.</summary>
    /// <param name="saved">The output.</param>
    /// <param name="known">What was found before: jumps that are there still are the box's, whatever the tables say.</param>
    public static IReadOnlyList<string> In(string saved, IReadOnlyCollection<string> known)
    {
        var lines = saved.Split('\n', StringSplitOptions.TrimEntries);
        List<string> own = [];
        var jumps = new OwnJumps([], known);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.StartsWith('*'))
            {
                own.Add(line);
                jumps = new OwnJumps(lines.Skip(i).TakeWhile(other => other != "COMMIT"), known);
            }
            else if (line.StartsWith(':' + FirewallRules.ChainPrefix, StringComparison.Ordinal))
            {
                // What follows the name are counters.
                own.Add(line[..line.IndexOf(' ', StringComparison.Ordinal)]);
            }
            else if (line.StartsWith("-A " + FirewallRules.ChainPrefix, StringComparison.Ordinal) || jumps.Contains(line))
            {
                own.Add(line);
            }
        }

        // Tables without any are nobody's concern: they come and go with the rules of others.
        return [.. own.Where((line, index) => !line.StartsWith('*') || (index + 1 < own.Count && !own[index + 1].StartsWith('*')))];
    }
}
