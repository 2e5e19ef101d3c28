using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Converter;

/// <summary>
/// The clients of a converter that have something going on: by IPv4 address, or by the 64 bits of an IPv6 network, within which a host chooses its addresses
/// as it likes (RFC 4291 section 2.5.4). Used by one thread.
/// </summary>
/// <param name="limits">What each may have.</param>
/// <param name="time">The clock.</param>
public sealed class ConverterClients(ConverterClientLimits limits, TimeProvider time)
{
    private const int InterfaceBits = 64;

    private readonly Dictionary<UInt128, ConverterClient> _clients = [];

    public int Count => _clients.Count;

    public ConverterClient Find(HostAddress address)
    {
        var network = address.IsIpv4 ? address.Bits : address.Bits >> InterfaceBits << InterfaceBits;
        if (!_clients.TryGetValue(network, out var client))
            _clients.Add(network, client = new ConverterClient(limits, time));
        return client;
    }

    /// <summary>Forgets those that have nothing any more; to be called every second or more seldom, for that is how long rates are counted.</summary>
    public void ForgetIdle()
    {
        foreach (var (network, client) in _clients)
        {
            if (client.IsIdle)
                _clients.Remove(network);
        }
    }
}
