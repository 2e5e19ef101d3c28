using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands.Top;

/// <summary>What a box said at one moment.</summary>
/// <param name="Time">When it was asked.</param>
/// <param name="Status">Its status.</param>
/// <param name="Flows">The connections that it relays.</param>
internal sealed record TopSample(DateTimeOffset Time, StatusReport Status, IReadOnlyList<FlowReport> Flows);
