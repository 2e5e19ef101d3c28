using System.Text;
using System.Text.Json;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Options.Reference;
using Middlebox.Negotiation;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.Appliance.Tests.Reference;

/// <summary>Writes docs/reference.md from the closed enumerations and their sentences.</summary>
internal static class DecisionReference
{
    private static readonly XmlDocumentation Documentation = new();

    public static string Write()
    {
        var text = new StringBuilder(
            """
            # Decisions and reasons

            Made from the code; a test fails when they differ. The names are those of `status --json`, `trace`, `explain --json`, the filters of
            `trace --reasons` and the labels of the metrics.

            ## Verdicts

            What is done with a segment of a handshake.


            """);
        Table<Verdict>(text, "verdict", verdict => Documentation.Of(typeof(Verdict), $"{verdict}"));
        text.Append("\n## Edits\n\nWhat is changed in a segment before it goes on.\n\n");
        Table<SegmentEdits>(text, "edit", edit => Documentation.Of(typeof(SegmentEdits), $"{edit}"), SegmentEdits.None);
        text.Append("\n## Reasons\n\nWhy a segment was treated as it was, or a context ended.\n\n");
        Table<Reason>(text, "reason", reason => reason.Describe(), Reason.None);
        text.Append("\n## Ends of connections\n\nHow a relayed connection ended.\n\n");
        Table<FlowEnd>(text, "end", end => Documentation.Of(typeof(FlowEnd), $"{end}"), FlowEnd.None);
        text.Append("\n## Findings of explain\n\nKnown causes of a missing second subflow, a slow aggregate, or a connection without MPTCP.\n\n");
        Table<Cause>(text, "cause", cause => $"{Documentation.Of(typeof(Cause), $"{cause}")} {cause.Advise()}");
        return text.ToString();
    }

    private static void Table<T>(StringBuilder text, string title, Func<T, string> describe, params T[] leftOut)
        where T : struct, Enum
    {
        text.Append($"| {title} | |\n| --- | --- |\n");
        foreach (var value in Enum.GetValues<T>().Except(leftOut))
            text.Append($"| `{JsonNamingPolicy.CamelCase.ConvertName($"{value}")}` | {describe(value)} |\n");
    }
}
