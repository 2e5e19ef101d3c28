using Middlebox.Appliance.Options;
using Middlebox.Interceptor.Rules;
using Middlebox.Native;

namespace Middlebox.Appliance.Host;

/// <summary>
/// What a box has left in this network namespace that was not ended in order, under whatever name. Only for who holds the <see cref="NamespaceClaim"/>: then no living
/// box owns any of it.
/// </summary>
internal static class Leftovers
{
    /// <summary>The journal that the mark in this namespace names; null if there is no mark, or no such journal.</summary>
    /// <param name="own">One that is open; null for none.</param>
    /// <exception cref="HostSetupException">It is somebody else's, or cannot be read.</exception>
    public static Journal? MarkedJournal(Journal? own) => MarkedJournal(own, Saved().Output);

    /// <summary>Takes back what journals say, and then what bears the box's name all the same.</summary>
    /// <param name="own">A journal that may say something beside the marked one; null for none.</param>
    /// <param name="begin">Told of each journal that says something, before it is followed.</param>
    /// <returns>What went wrong; the rest has been taken back all the same.</returns>
    /// <exception cref="HostSetupException">The marked journal is somebody else's, or cannot be read.</exception>
    public static IReadOnlyList<string> TakeBack(Journal? own, Action<Journal> begin)
    {
        List<string> problems = [];
        HashSet<string> done = [];
        // Nearly always there is nothing, and a start waits for each tool.
        var saved = Saved();
        // The marked one is of the latest run, so its changes are undone first.
        foreach (var journal in new[] { MarkedJournal(own, saved.Output), own }.OfType<Journal>().Distinct().Where(journal => journal.HasLeftovers))
        {
            begin(journal);
            problems.AddRange(journal.UndoAll(done));
        }

        // Where there is no telling, they say so.
        var isNamedIn4 = !saved.Succeeded || saved.Output.Contains($":{FirewallRules.ChainPrefix}", StringComparison.Ordinal);
        IEnumerable<UndoStep> named =
        [
            .. HostSetup.Families.Where(family => isNamedIn4 || family != RuleFamily.IPv4).Select(family => new UndoRules(family)),
            .. SetsLeft(),
            .. isNamedIn4 ? new[] { new UndoMark() } : [],
        ];
        problems.AddRange(named.Select(step => step.Run()).OfType<string>());
        return [.. problems.Distinct()];
    }

    private static Journal? MarkedJournal(Journal? own, string saved)
    {
        if (JournalMark.JournalIn(saved) is not { } path || !path.EndsWith(MiddleboxOptions.JournalEnding, StringComparison.Ordinal))
            return null;
        if (path == own?.Path)
            return own;
        return RegularFile.KindOf(path) is null ? null : Journal.Open(path);
    }

    /// <summary>The rules of IPv4, where the mark is.</summary>
    private static ToolResult Saved() => Tool.Run([Firewall.SaveTool(RuleFamily.IPv4)]);

    private static IEnumerable<UndoStep> SetsLeft()
    {
        var names = Tool.Run(["ipset", "list", "-n"]).Output.Split('\n', StringSplitOptions.TrimEntries);
        return HostSetup.Families.SelectMany(family => new[]
            {
                (Name: ConnectionSet.Name(family), Destroy: ConnectionSet.DestroyCommand(family)),
                (Name: HeartbeatSet.Name(family), Destroy: HeartbeatSet.DestroyCommand(family)),
            })
            .Where(set => names.Contains(set.Name)).Select(set => new UndoCommand(set.Destroy));
    }
}
