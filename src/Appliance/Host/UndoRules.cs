using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>Removes the box's own chains, and nothing else, from the tables of one family.</summary>
public sealed record UndoRules(RuleFamily Family) : UndoStep
{
    public override string? Run()
    {
        var saved = Tool.Run([Firewall.SaveTool(Family)]);
        if (!saved.Succeeded)
            return $"'{Firewall.SaveTool(Family)}': {saved.Error}";
        var removal = RuleRemoval.For(saved.Output);
        if (removal.Length == 0)
            return null;
        var removed = Tool.Run(Firewall.RestoreCommand(Family), removal);
        if (!removed.Succeeded)
            return $"'{Firewall.RestoreCommand(Family)[0]}': {removed.Error}";
        return RuleRemoval.Kept(saved.Output) is [_, ..] kept
            ? $"chains to which rules lead that are not the box's are left empty ({Family}): {string.Join("; ", kept)}"
            : null;
    }
}
