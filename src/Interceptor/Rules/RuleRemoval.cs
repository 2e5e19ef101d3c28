using System.Text;

namespace Middlebox.Interceptor.Rules;

/// <summary>
/// What removes the box's rules from the tables as they are, whoever put them there and however much of them is left:
/// after a crash, or after the administrator has loaded a rule set of his own in between.
/// </summary>
public static class RuleRemoval
{
    /// <summary>Reads the output of iptables-save and writes the input for iptables-restore --noflush; empty if nothing is ours.</summary>
    public static string For(string saved)
    {
        var text = new StringBuilder();
        var table = "";
        List<string> jumps = [];
        List<string> chains = [];
        foreach (var line in saved.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('*'))
                table = line;
            else if (line.StartsWith(':' + FirewallRules.ChainPrefix, StringComparison.Ordinal))
                chains.Add(line[1..line.IndexOf(' ', StringComparison.Ordinal)]);
            else if (OwnRules.IsJump(line))
                jumps.Add("-D" + line[2..]);
            else if (line == "COMMIT")
                WriteTable();
        }

        return text.ToString();

        void WriteTable()
        {
            if (chains.Count > 0)
            {
                text.Append(table).Append('\n');
                jumps.ForEach(jump => text.Append(jump).Append('\n'));
                chains.ForEach(chain => text.Append("-F ").Append(chain).Append('\n'));
                chains.ForEach(chain => text.Append("-X ").Append(chain).Append('\n'));
                text.Append("COMMIT\n");
            }

            jumps.Clear();
            chains.Clear();
        }
    }
}
