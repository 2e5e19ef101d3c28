using System.Text;

namespace Middlebox.Interceptor.Rules;

/// <summary>Puts the box's rules in the place of those that are there, without a moment between: the kernel takes a table as a whole.</summary>
public static class RuleReplacement
{
    /// <summary>Joins the two in one transaction for each table.</summary>
    /// <param name="removal">What removes the rules, by <see cref="RuleRemoval"/>; may be empty.</param>
    /// <param name="installation">What installs them, by <see cref="FirewallRules"/>.</param>
    public static string Of(string removal, string installation)
    {
        var removals = TablesOf(removal);
        var text = new StringBuilder();
        foreach (var (table, lines) in TablesOf(installation))
        {
            text.Append(table).Append('\n');
            foreach (var line in removals.GetValueOrDefault(table, []).Concat(lines))
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
