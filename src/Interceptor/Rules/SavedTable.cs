namespace Middlebox.Interceptor.Rules;

/// <summary>What one table holds of the box's, and what others have made depend on it.</summary>
/// <param name="Name">With the asterisk, such as <c>*mangle</c>.</param>
/// <param name="Chains">The box's chains, but for the <see cref="JournalMark"/>.</param>
/// <param name="Jumps">The box's own jumps to them, in their order.</param>
/// <param name="Foreign">Rules of others that lead to one of them, in their order.</param>
internal sealed record SavedTable(string Name, IReadOnlyList<string> Chains, IReadOnlyList<string> Jumps, IReadOnlyList<string> Foreign)
{
    /// <summary>Whether a chain of the box's cannot be removed, because a rule of somebody else leads there.</summary>
    public bool IsHeld(string chain) => Foreign.Any(rule => OwnJumps.TargetOf(rule) == chain);

    /// <summary>Reads the output of iptables-save.</summary>
    /// <param name="saved">The output.</param>
    /// <param name="known">Jumps that are known to be the box's, beside those that the tables say to be.</param>
    public static IReadOnlyList<SavedTable> In(string saved, IReadOnlyCollection<string> known)
    {
        List<SavedTable> tables = [];
        List<string> lines = [];
        foreach (var line in saved.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('*'))
                lines.Clear();
            lines.Add(line);
            if (line == "COMMIT")
                tables.Add(Of(lines, known));
        }

        return tables;
    }

    private static SavedTable Of(List<string> lines, IReadOnlyCollection<string> known)
    {
        var own = new OwnJumps(lines, known);
        var leading = lines.Where(line => OwnJumps.TargetOf(line) is not null).ToLookup(own.Contains);
        return new SavedTable(
            lines[0],
            [
                .. lines.Where(line => line.StartsWith(':' + FirewallRules.ChainPrefix, StringComparison.Ordinal) && !JournalMark.IsIn(line))
                    .Select(line => line[1..line.IndexOf(' ', StringComparison.Ordinal)]),
            ],
            [.. leading[true]],
            [.. leading[false]]);
    }
}
