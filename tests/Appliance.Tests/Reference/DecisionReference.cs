using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Metrics;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Options.Reference;
using Middlebox.Appliance.Tests.Logs;
using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Converter;
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
            # Reference: decisions, reasons, findings, metrics, log

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
        text.Append("\n## States of promotion\n\nHow far a host is told its server's own address (`docs/addressed.md`).\n\n");
        Table<PromotionState>(text, "state", state => Documentation.Of(typeof(PromotionState), $"{state}"));
        text.Append("\n## Ends of connections\n\nHow a relayed connection ended.\n\n");
        Table<FlowEnd>(text, "end", end => Documentation.Of(typeof(FlowEnd), $"{end}"), FlowEnd.None);
        text.Append("\n## Findings of explain\n\nKnown causes of a missing second subflow, a slow aggregate, or a connection without MPTCP.\n\n");
        Table<Cause>(text, "cause", cause => $"{Documentation.Of(typeof(Cause), $"{cause}")} {cause.Advise()}");
        text.Append("\n## Metrics\n\nWhat `/metrics` exposes; a histogram has the suffixes `_bucket`, `_sum` and `_count`.\n\n| metric | kind | |\n| --- | --- | --- |\n");
        foreach (var instrument in PublishedInstruments())
            text.Append($"| `{PrometheusName.Of(instrument)}` | {PrometheusName.TypeOf(instrument)} | {instrument.Description} |\n");
        text.Append(
            "\n## Events of the log\n\nThe numbers stand in brackets in the log, and as `EventId` in JSON. A number is not used again.\n\n| number | level | |\n| --- | --- | --- |\n");
        foreach (var message in LogMessage.All.OrderBy(message => message.Number))
            text.Append($"| {message.Number} | {message.Level} | {message.Format} |\n");
        return text.ToString();
    }

    private static List<Instrument> PublishedInstruments()
    {
        List<Instrument> published = [];
        using var meter = new Meter("reference");
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == meter)
                    published.Add(instrument);
            },
        };
        listener.Start();
        // Nothing is read here, so there need be nothing to read.
        var instruments = new BoxInstruments(meter, new MiddleboxOptions(), null!, null!, null!, null!, null!);
        instruments.Add((ConfigurationReloader)null!);
        instruments.Add((ConverterCounters)null!);
        instruments.Add((AddressedCounters)null!);
        instruments.Add((HostProxyCounters)null!);
        _ = new RelayInstruments(meter);
        return [.. published.OrderBy(PrometheusName.Of, StringComparer.Ordinal)];
    }

    private static void Table<T>(StringBuilder text, string title, Func<T, string> describe, params T[] leftOut)
        where T : struct, Enum
    {
        text.Append($"| {title} | |\n| --- | --- |\n");
        foreach (var value in Enum.GetValues<T>().Except(leftOut))
            text.Append($"| `{JsonNamingPolicy.CamelCase.ConvertName($"{value}")}` | {describe(value)} |\n");
    }
}
