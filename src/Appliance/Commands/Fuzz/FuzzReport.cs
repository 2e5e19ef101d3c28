namespace Middlebox.Appliance.Commands.Fuzz;

/// <summary>What <c>middlebox fuzz</c> tells of one target; the JSON names are a contract.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Seed">What the mutations follow from.</param>
/// <param name="Inputs">Inputs run.</param>
/// <param name="Behaviours">Different things that became of them.</param>
/// <param name="Problem">What does not hold; null if nothing was found.</param>
/// <param name="File">Where the input is for which it does not hold.</param>
internal sealed record FuzzReport(string Target, int Seed, long Inputs, int Behaviours, string? Problem = null, string? File = null);
