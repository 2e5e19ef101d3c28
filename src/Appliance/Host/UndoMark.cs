using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>Takes the mark away that says where the journal lies; the first step of a journal, so that it is undone last.</summary>
public sealed record UndoMark : UndoStep
{
    public override string? Run()
    {
        var removed = Tool.Run(Firewall.RestoreCommand(RuleFamily.IPv4), JournalMark.Removal);
        if (removed.Succeeded)
            return null;
        // What is gone already cannot be removed.
        var saved = Tool.Run([Firewall.SaveTool(RuleFamily.IPv4)]);
        return saved.Succeeded && !JournalMark.IsIn(saved.Output) ? null : $"'{Firewall.RestoreCommand(RuleFamily.IPv4)[0]}': {removed.Error}";
    }
}
