namespace Middlebox.ProxyEngine.Paths;

/// <summary>A subflow and what the kernel has counted of it.</summary>
public readonly record struct SubflowReading(Subflow Subflow, LegReading Leg);
