using Middlebox.ProxyEngine.Paths;

namespace Middlebox.Appliance.Dashboard;

/// <summary>A subflow, or a plain leg, over one second.</summary>
/// <param name="Reading">Its figures at the end of the second.</param>
/// <param name="Rate">What it carried in it.</param>
internal readonly record struct SubflowSample(SubflowReading Reading, PathRate Rate);
