using System.Text;

namespace Middlebox.Interceptor.Rules;

/// <summary>
/// Puts the box's rules in the place of those that are there, without a moment between: the kernel takes a table as a whole. Jumps that are there already stay in their
/// place among the administrator's rules, whose order is his.
/// </summary>
public static class RuleReplacement
{
    /// <summary>Joins all in one transaction for each table.</summary>
    /// <param name="saved">What is there, as iptables-save writes it.</param>
    /// <param name="known">Jumps that are known to be the box's, in the same words, beside those that the tables say to be.</param>
    /// <param name="installation">What installs them, by <see cref="FirewallRules.Installation"/> and <see cref="JournalMark.Installation"/>.</param>
    /// <param name="adaptation">What fills the chains that are adapted while the box serves, by <see cref="FirewallRules.Adaptation"/>; of no other tables.</param>
    public static string Of(string saved, IReadOnlyCollection<string> known, string installation, string adaptation)
    {
        var written = TablesOf(installation);
        var jumps = written.Values.SelectMany(lines => lines).Select(WrittenJump.Of).OfType<WrittenJump>().ToList();
        // Those as well that a box has left whose copies are gone.
        List<string> own = [.. known, .. saved.Split('\n', StringSplitOptions.TrimEntries).Where(line => jumps.Any(jump => jump.IsAs(line)))];
        var present = SavedTable.In(saved, own).Where(table => table.Chains.Count > 0).ToDictionary(table => table.Name);
        var adaptations = TablesOf(adaptation);
        var text = new StringBuilder();
        foreach (var table in written.Keys.Union(present.Keys))
        {
            // A chain that is filled has been declared by then.
            var filling = adaptations.GetValueOrDefault(table, []).Where(line => !line.StartsWith(':'));
            text.Append(table).Append('\n');
            foreach (var line in Replace(present.GetValueOrDefault(table, new SavedTable(table, [], [], [])), written.GetValueOrDefault(table, [])).Concat(filling))
                text.Append(line).Append('\n');
            text.Append("COMMIT\n");
        }

        return text.ToString();
    }

    private static IEnumerable<string> Replace(SavedTable present, IReadOnlyList<string> written)
    {
        var jumps = written.Select(WrittenJump.Of).OfType<WrittenJump>().ToList();
        var untouched = jumps.GroupBy(jump => jump.Chain).Where(group => AreThere(group, present.Jumps)).Select(group => group.Key).ToHashSet();
        var copies = jumps.Select(jump => OwnJumps.CopiesOf(jump.Chain)).Distinct().ToList();
        List<string> declared = [.. written.Where(line => line.StartsWith(':')), .. copies.Select(chain => $":{chain} - [0:0]")];
        List<string> obsolete = [.. present.Chains.Where(chain => !declared.Any(line => line.StartsWith($":{chain} ", StringComparison.Ordinal)))];
        return
        [
            .. present.Jumps.Where(jump => !untouched.Contains(ChainOf(jump))).Select(RuleRemoval.Deletion),
            .. obsolete.Select(chain => $"-F {chain}"),
            // One that is there already is emptied by this.
            .. declared,
            .. obsolete.Where(chain => !present.IsHeld(chain)).Select(chain => $"-X {chain}"),
            .. jumps.Select(jump => $"-A {OwnJumps.CopiesOf(jump.Chain)} {jump.Rule}"),
            .. written.Where(line => !line.StartsWith(':') && !(WrittenJump.Of(line) is { } jump && untouched.Contains(jump.Chain))),
        ];
    }

    /// <summary>Whether a chain has exactly these of the box's jumps, in the order in which they would come to stand.</summary>
    private static bool AreThere(IEnumerable<WrittenJump> jumps, IEnumerable<string> present)
    {
        List<WrittenJump> expected = [];
        foreach (var jump in jumps)
            expected.Insert(jump.IsFirst ? 0 : expected.Count, jump);
        var there = present.Where(jump => ChainOf(jump) == expected[0].Chain).ToList();
        return there.Count == expected.Count && expected.Zip(there).All(pair => pair.First.IsAs(pair.Second));
    }

    private static string ChainOf(string jump) => jump.Split(' ', 3)[1];

    private static Dictionary<string, List<string>> TablesOf(string text)
    {
        Dictionary<string, List<string>> tables = [];
        List<string> lines = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('*'))
                tables[line] = lines = tables.GetValueOrDefault(line, []);
            else if (line != "COMMIT")
                lines.Add(line);
        }

        return tables;
    }
}
