namespace Middlebox.Lab.Topologies;

/// <summary>The in-kernel MPTCP path manager of a host: ip-mptcp(8).</summary>
/// <param name="Subflows">How many further subflows a connection may have, from 0 to 8; null for the kernel's default.</param>
/// <param name="AddAddrAccepted">How many announced addresses are joined, from 0 to 8; null for the kernel's default.</param>
/// <param name="Endpoints">Further addresses that the host uses or announces.</param>
public sealed record MptcpSettings(int? Subflows, int? AddAddrAccepted, IReadOnlyList<MptcpEndpoint> Endpoints);
