using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.HostRole;

/// <summary>The proxies of this host, and which of them serves a server.</summary>
/// <param name="options">Checked.</param>
public sealed class HostProxies(HostProxyOptions options)
{
    private readonly HostEndpoint[] _proxies = [.. options.Proxies.Select(HostEndpoint.Parse)];

    /// <summary>The proxy for a server; null if there is none, or the server is the proxy itself.</summary>
    public HostEndpoint? Find(HostEndpoint server)
    {
        HostEndpoint? found = null;
        foreach (var proxy in _proxies)
        {
            if (proxy.Address == server.Address)
                return null;
            if (proxy.Address.IsIpv4 == server.Address.IsIpv4 || (found is null && options.Protocol == HostProxyProtocol.Converter))
                found = proxy;
        }

        return found;
    }
}
