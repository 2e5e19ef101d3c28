using Middlebox.Appliance.Reports;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Dashboard;

/// <summary>What the page is told. Any thread may ask, several at a time.</summary>
/// <param name="Overview">The box, and the samples behind the one of this number.</param>
/// <param name="Table">The table's rows.</param>
/// <param name="Detail">One connection.</param>
/// <param name="Findings">Known causes that <c>explain</c> recognizes at one connection, given as its query.</param>
internal sealed record DashboardAnswers(
    Func<long, OverviewReport> Overview,
    Func<ConnectionTableReport> Table,
    Func<FlowKey, ConnectionDetailReport> Detail,
    Func<string, IReadOnlyList<FindingReport>> Findings);
