namespace Middlebox.Bench.Figures;

/// <summary>One line of the table.</summary>
/// <param name="Name">For scripts; unique.</param>
/// <param name="Title">For people.</param>
/// <param name="Unit">Of the values.</param>
/// <param name="MoreIsBetter">Which direction is the good one.</param>
public sealed record Metric(string Name, string Title, string Unit, bool MoreIsBetter);
