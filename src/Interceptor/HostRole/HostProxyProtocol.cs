namespace Middlebox.Interceptor.HostRole;

/// <summary>How a host tells its proxy which server it means.</summary>
public enum HostProxyProtocol
{
    /// <summary>
    /// By an option in the SYN (the proxy's section <c>Addressed</c>): for programs that speak MPTCP. The proxy's kernel relays, and connections to capable servers leave it.
    /// </summary>
    Addressed,

    /// <summary>In the first bytes (RFC 8803, the proxy's section <c>Converter</c>): for all programs. This box speaks MPTCP for them, and relays.</summary>
    Converter,
}
