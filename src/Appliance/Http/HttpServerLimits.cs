namespace Middlebox.Appliance.Http;

/// <summary>What an HTTP endpoint spends on its clients.</summary>
/// <param name="Clients">Served at a time; others wait in the backlog.</param>
/// <param name="Patience">How long a client may take for its request, and again for the answer.</param>
internal sealed record HttpServerLimits(int Clients, TimeSpan Patience);
