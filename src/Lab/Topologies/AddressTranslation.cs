namespace Middlebox.Lab.Topologies;

/// <summary>Firewall rules that an administrator would have on an access gateway.</summary>
/// <param name="Masquerade">Devices behind whose address outgoing traffic hides, IPv4 and IPv6.</param>
/// <param name="DropInvalid">Whether forwarding drops what conntrack calls INVALID.</param>
public sealed record AddressTranslation(IReadOnlyList<string> Masquerade, bool DropInvalid);
