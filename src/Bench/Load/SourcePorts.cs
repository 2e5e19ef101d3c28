using System.Net;
using Middlebox.Native;

namespace Middlebox.Bench.Load;

/// <summary>
/// Gives out a client's addresses and ports one after the other. A connection's addresses and ports come back only when all others have been
/// used, or a load of short connections would measure what becomes of ports in TIME_WAIT. Used by one thread at a time.
/// </summary>
internal sealed class SourcePorts(IReadOnlyList<IPAddress> addresses)
{
    private const int First = 10_000;
    private const int Last = 65_000;

    private readonly byte[][] _addresses = [.. addresses.Select(address => address.GetAddressBytes())];
    private int _address;
    private int _port = First;

    /// <summary>The next one.</summary>
    public sockaddr Next()
    {
        if (_port > Last)
        {
            _port = First;
            _address = (_address + 1) % _addresses.Length;
        }

        return sockaddr.From(_addresses[_address], (ushort)_port++);
    }
}
