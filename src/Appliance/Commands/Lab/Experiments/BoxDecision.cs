namespace Middlebox.Appliance.Commands.Lab.Experiments;

/// <summary>What one box did with the connections of an experiment.</summary>
/// <param name="Box">Host of the lab.</param>
/// <param name="Contexts">Contexts it created.</param>
/// <param name="Acted">Connections it acted on.</param>
/// <param name="SteppedOut">Connections it released because MPTCP answered.</param>
internal sealed record BoxDecision(string Box, long Contexts, long Acted, long SteppedOut);
