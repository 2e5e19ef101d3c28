using System.Globalization;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>The cases of the experiment: contexts by scheme and number of boxes, and every way in which policy selects.</summary>
internal static class SelectionCases
{
    private const int Connections = 200;
    private const int SharedConnections = 2000;
    private const double ShareTolerance = 0.05;
    private const int MaxFlows = 50;

    private static readonly string[] Implicit = ["one-proxy", "two-proxies", "three-proxies", "four-proxies"];
    private static readonly string[] Explicit = ["one-explicit", "two-explicit", "three-explicit", "four-explicit"];

    private static readonly Dictionary<string, string> DeferAll = new() { ["Middlebox:Policy:Default"] = "Defer" };

    /// <summary>Every box creates a context of every connection, and the last one acts.</summary>
    public static IEnumerable<SelectionCase> ByImplicitScheme => Implicit.Select((topology, i) => new SelectionCase(
        "implicit", topology, [.. Repeat(i, BoxExpectation.StepsOut(Connections)), BoxExpectation.Acts(Connections)]));

    /// <summary>The first box creates a context of every connection and acts; the others hold nothing.</summary>
    public static IEnumerable<SelectionCase> ByExplicitScheme => Explicit.Select((topology, i) => new SelectionCase(
        "explicit", topology, [BoxExpectation.Acts(Connections), .. Repeat(i, BoxExpectation.Acts(0))]));

    public static IEnumerable<SelectionCase> ByPolicy =>
    [
        new("first wins", "three-explicit", [BoxExpectation.Acts(Connections), .. Repeat(2, BoxExpectation.Acts(0))]),
        new("last preferred: the others defer", "three-explicit", [.. Repeat(2, BoxExpectation.Acts(0)), BoxExpectation.Acts(Connections)])
        {
            Settings = [DeferAll, DeferAll],
        },
        new("last preferred: its preference is higher", "two-explicit", [BoxExpectation.StepsOut(Connections), BoxExpectation.Acts(Connections)])
        {
            Settings = [new Dictionary<string, string>(), new Dictionary<string, string> { ["Middlebox:Explicit:Preference"] = "6" }],
        },
        new("shared: the first takes a half", "two-explicit", [.. Repeat(2, BoxExpectation.Acts(Half(SharedConnections)))])
        {
            Connections = SharedConnections,
            Settings = [Rule(("Action", "Serve"), ("Share", "0.5"))],
        },
        new($"overload: the first takes {MaxFlows} at a time", "two-explicit",
            [BoxExpectation.Acts(MaxFlows), BoxExpectation.Acts(Connections - MaxFlows)])
        {
            KeepOpen = true,
            Settings = [Rule(("Action", "Serve"), ("MaxFlows", Text(MaxFlows)))],
        },
        new("overload: the first takes 20 new ones a second", "two-explicit",
            [.. Repeat(2, BoxExpectation.Acts(new CountRange(1, Connections - 1)))])
        {
            Settings = [Rule(("Action", "Serve"), ("MaxNewFlowsPerSecond", "20"))],
        },
        new("by port: the first serves one of two", "two-explicit", [.. Repeat(2, BoxExpectation.Acts(Connections / 2))])
        {
            Ports = [7000, 7001],
            Settings = [new Dictionary<string, string>(Rule(("Action", "Serve"), ("Ports", "7001")).Concat(DeferAll))],
        },
    ];

    public static IEnumerable<SelectionCase> All => [.. ByImplicitScheme, .. ByExplicitScheme, .. ByPolicy];

    private static IEnumerable<BoxExpectation> Repeat(int count, BoxExpectation expectation) => Enumerable.Repeat(expectation, count);

    private static CountRange Half(int connections) =>
        new((long)(connections * (0.5 - ShareTolerance)), (long)(connections * (0.5 + ShareTolerance)));

    private static Dictionary<string, string> Rule(params ReadOnlySpan<(string Key, string Value)> values)
    {
        var rule = new Dictionary<string, string>();
        foreach (var (key, value) in values)
            rule[$"Middlebox:Policy:Rules:0:{key}"] = value;
        return rule;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
