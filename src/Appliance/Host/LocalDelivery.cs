using System.Globalization;
using Microsoft.Extensions.Logging;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>The routing rule and the route that deliver packets with the mark of the box's sockets to this host, whatever their addresses.</summary>
/// <param name="options">Table and priority.</param>
/// <param name="marks">Mark values.</param>
/// <param name="journal">Where it is noted.</param>
/// <param name="logger">Where to tell.</param>
internal sealed class LocalDelivery(InterceptorOptions options, PacketMarks marks, Journal journal, ILogger logger)
{
    private readonly string _table = options.RoutingTable.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether an earlier run has added it for any family.</summary>
    public bool WasAdded(IEnumerable<RuleFamily> families) => families.Any(family => journal.Find(new UndoCommand(Route(family, "del"))) is not null);

    /// <exception cref="HostSetupException">The kernel did not take it.</exception>
    public void Add(RuleFamily family)
    {
        // The table is the box's own, so what stands there is a box's.
        journal.Change(Route(family, "replace"), Route(family, "del"));
        var undo = new UndoCommand(Rule(family, "del"));
        if (IsThere(family) && journal.Find(undo) is null)
        {
            HostLog.RuleWasThere(logger, string.Join(' ', Rule(family, "show").Skip(4)));
            journal.Add(undo);
            return;
        }

        journal.Change(Rule(family, "add"), undo.Command);
    }

    /// <summary>Whether there is such a rule, and no part of it is different.</summary>
    private bool IsThere(RuleFamily family) => Tool.Run(Rule(family, "show")).Output.Contains($" lookup {_table}", StringComparison.Ordinal);

    private string[] Route(RuleFamily family, string verb) => ["ip", Ip(family), "route", verb, "local", "default", "dev", "lo", "table", _table];

    private string[] Rule(RuleFamily family, string verb) =>
    [
        "ip", Ip(family), "rule", verb, "priority", options.RoutingPriority.ToString(CultureInfo.InvariantCulture), "fwmark", marks.Format(marks.Divert),
        "lookup", _table,
    ];

    private static string Ip(RuleFamily family) => family == RuleFamily.IPv4 ? "-4" : "-6";
}
