namespace Middlebox.Lab.Topologies;

/// <summary>A host that runs a web server on IPv4 and IPv6.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Capable">Whether the server listens on MPTCP sockets; a legacy one speaks plain TCP only.</param>
/// <param name="Ports">At least one.</param>
public sealed record ServerPlacement(string Host, bool Capable, IReadOnlyList<int> Ports);
