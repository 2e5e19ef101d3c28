namespace Middlebox.Bench.Figures;

/// <summary>One measured value.</summary>
/// <param name="Metric">Of what.</param>
/// <param name="Value">In the metric's unit.</param>
public readonly record struct Sample(Metric Metric, double Value);
