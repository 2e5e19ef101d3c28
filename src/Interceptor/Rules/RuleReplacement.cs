using System.Text;

namespace Middlebox.Interceptor.Rules;

/// <summary>Puts the box's rules in the place of those that are there, without a moment between: the kernel takes a table as a whole.</summary>
public static class RuleReplacement
{
    /// <summary>Joins all in one transaction for each table.</summary>
    /// <param name="removal">What removes the rules, by <see cref="RuleRemoval"/>; may be empty.</param>
    /// <param name="installation">What installs them, by <see cref="FirewallRules.Installation"/>.</param>
    /// <param name="adaptation">What fills the chains that are adapted while the box serves, by <see cref="FirewallRules.Adaptation"/>; of no other tables.</param>
    public static string Of(string removal, string installation, string adaptation)
    {
        var removals = TablesOf(removal);
        var adaptations = TablesOf(adaptation);
        var text = new StringBuilder();
        foreach (var (table, lines) in TablesOf(installation))
        {
            text.Append(table).Append('\n');
            // A chain that is filled has been declared by then.
            var filling = adaptations.GetValueOrDefault(table, []).Where(line => !line.StartsWith(':'));
            foreach (var line in removals.GetValueOrDefault(table, []).Concat(lines).Concat(filling))
                text.Append(line).Append('\n');
            text.Append("COMMIT\n");
        }

        return text.ToString();
    }

    private static Dictionary<string, List<string>> TablesOf(string text)
    {
        Dictionary<string, List<string>> tables = [];
        List<string> lines = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('*'))
                tables.Add(line, lines = []);
            else if (line != "COMMIT")
                lines.Add(line);
        }

        return tables;
    }
}
