namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>How the connections of a load went.</summary>
/// <param name="Succeeded">Connections over which a byte went and came back.</param>
/// <param name="Failed">All others.</param>
/// <param name="FirstFailure">What went wrong with the first of these; null if nothing did.</param>
internal sealed record LoadResult(int Succeeded, int Failed, string? FirstFailure);
