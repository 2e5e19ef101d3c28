namespace Middlebox.Appliance.Reports;

/// <summary>A counter of the kernel, named as nstat(8) names it without its group.</summary>
public sealed record KernelCounterReport(string Name, long Value);
