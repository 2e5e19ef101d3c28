namespace Middlebox.Bench.Figures;

/// <summary>What was got for the proxy's processor time.</summary>
/// <param name="Metric">Processor seconds per unit.</param>
/// <param name="Units">How many units the run made.</param>
internal readonly record struct CostBase(Metric Metric, double Units);
