namespace Middlebox.Appliance.Explain;

/// <summary>A cause that was recognized at one connection.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Connection">Client and server; null if it is about none in particular.</param>
/// <param name="Detail">What of it was seen.</param>
internal readonly record struct Finding(Cause Cause, string? Connection, string Detail);
