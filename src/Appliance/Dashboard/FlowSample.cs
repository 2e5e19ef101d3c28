using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Dashboard;

/// <summary>A relayed connection over one second.</summary>
/// <param name="Reading">Its figures at the end of the second.</param>
/// <param name="Rate">What the relay moved in it.</param>
/// <param name="Subflows">Its subflows; those of the second before if they could not be read.</param>
internal sealed record FlowSample(FlowReading Reading, PathRate Rate, IReadOnlyList<SubflowSample> Subflows);
