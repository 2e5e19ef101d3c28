namespace Middlebox.Appliance.Reports;

/// <summary>Who serves a connection of this host, as its SYN/ACK tells; the JSON names are a contract.</summary>
/// <param name="Client">This host's address and port.</param>
/// <param name="Server">The server's address and port.</param>
/// <param name="Claimed">Whether the SYN/ACK says that a proxy made it.</param>
/// <param name="Verified">Whether that is signed by one of the operator's proxies.</param>
/// <param name="ProxyId">Which proxy; null unless verified.</param>
/// <param name="Preference">The preference that it claimed the connection with; null unless verified.</param>
internal sealed record ServedConnection(
    string Client, string Server, bool Claimed, bool Verified, int? ProxyId, int? Preference)
{
    /// <summary>The same for people.</summary>
    public string Describe() => (Claimed, Verified) switch
    {
        (false, _) => "the server itself, or a proxy that does not say so",
        (true, true) => $"proxy {ProxyId}, verified, preference {Preference}",
        (true, false) => "somebody who says to be a proxy, NOT verified",
    };
}
