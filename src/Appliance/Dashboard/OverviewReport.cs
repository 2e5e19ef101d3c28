using Middlebox.Appliance.Options;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Dashboard;

/// <summary>The box as a whole; the JSON names are a contract with the page.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Mode">The mode in force.</param>
/// <param name="Since">When it began to serve, in milliseconds since 1970: another value is another run.</param>
/// <param name="Now">Its clock, likewise.</param>
/// <param name="Flows">Connections relayed now.</param>
/// <param name="FlowsEver">Connections ever relayed.</param>
/// <param name="FlowsLimit">Most at a time.</param>
/// <param name="Contexts">Connections being set up now.</param>
/// <param name="ContextsLimit">Most at a time.</param>
/// <param name="Announced">Addresses that clients are told of for further subflows.</param>
/// <param name="RulesMissing">Address families whose connections pass unproxied because the rules are gone.</param>
/// <param name="Samples">Seconds, the oldest first.</param>
internal sealed record OverviewReport(
    string Name,
    string Version,
    NegotiationMode Mode,
    long Since,
    long Now,
    long Flows,
    long FlowsEver,
    long FlowsLimit,
    long Contexts,
    long ContextsLimit,
    IReadOnlyList<string> Announced,
    IReadOnlyList<RuleFamily> RulesMissing,
    IReadOnlyList<RateSample> Samples);
