using Middlebox.Negotiation;

namespace Middlebox.Appliance.Dashboard;

/// <summary>One second of the box's life; the JSON names are a contract with the page.</summary>
/// <param name="Number">Counts samples, from 1.</param>
/// <param name="Time">Its end, in milliseconds since 1970.</param>
/// <param name="Up">From clients to servers, in bit/s.</param>
/// <param name="Down">From servers to clients, in bit/s.</param>
/// <param name="Flows">Connections relayed at its end.</param>
/// <param name="Contexts">Connections being set up at its end.</param>
/// <param name="Decided">Connections decided on in it, by reason.</param>
/// <param name="Paths">Rates of each path; null if nobody was looking, because reading them costs system calls for each connection.</param>
internal sealed record RateSample(
    long Number,
    long Time,
    double Up,
    double Down,
    long Flows,
    long Contexts,
    IReadOnlyDictionary<Reason, long> Decided,
    IReadOnlyDictionary<string, PathRate>? Paths);
