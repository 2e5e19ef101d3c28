using System.Text;

namespace Middlebox.Interceptor.Rules;

/// <summary>
/// What removes the box's rules from the tables as they are, whoever put them there and however much of them is left:
/// after a crash, or after the administrator has loaded a rule set of his own in between. The <see cref="JournalMark"/> stays, because there is more to be undone.
/// </summary>
public static class RuleRemoval
{
    /// <summary>
    /// Reads the output of iptables-save and writes the input for iptables-restore --noflush; empty if nothing is ours. A rule of somebody else that leads to a chain
    /// of ours stays, and so does the chain, with nothing in it.
    /// </summary>
    public static string For(string saved)
    {
        var text = new StringBuilder();
        foreach (var table in SavedTable.In(saved, []).Where(table => table.Chains.Count > 0))
        {
            text.Append(table.Name).Append('\n');
            foreach (var line in table.Jumps.Select(Deletion))
                text.Append(line).Append('\n');
            foreach (var chain in table.Chains)
                text.Append("-F ").Append(chain).Append('\n');
            foreach (var chain in table.Chains.Where(chain => !table.IsHeld(chain)))
                text.Append("-X ").Append(chain).Append('\n');
            text.Append("COMMIT\n");
        }

        return text.ToString();
    }

    /// <summary>Rules of others that lead to chains of ours, which therefore stay; each with its table.</summary>
    public static IReadOnlyList<string> Kept(string saved) =>
        [.. SavedTable.In(saved, []).SelectMany(table => table.Foreign.Select(rule => $"{table.Name[1..]}: {rule}"))];

    internal static string Deletion(string jump) => "-D" + jump["-A".Length..];
}
