using System.Security.Cryptography;
using System.Text;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Fuzzing.Oracles;

/// <summary>The tags as docs/explicit.md and docs/addressed.md describe them, put together by themselves.</summary>
internal static class PlainTag
{
    public static byte[] OfSyn(byte[] key, string client, string server, uint isn, ushort proxyId, byte preference, int length) =>
        Hash(key, [.. Common(1, client, server, isn, proxyId, preference)], length);

    public static byte[] OfSynAck(
        byte[] key,
        string client,
        string server,
        uint isn,
        uint serverIsn,
        byte[] serverKey,
        ushort proxyId,
        byte preference,
        int length) =>
        Hash(key, [.. Common(2, client, server, isn, proxyId, preference), .. Number(serverIsn), .. serverKey], length);

    /// <param name="key">The key.</param>
    /// <param name="transparent">1 or 0.</param>
    /// <param name="client">The host.</param>
    /// <param name="proxy">Where it sends its SYN.</param>
    /// <param name="isn">Of the SYN.</param>
    /// <param name="server">Address and port as in the option.</param>
    /// <param name="length">Octets.</param>
    public static byte[] OfDestination(byte[] key, int transparent, string client, string proxy, uint isn, byte[] server, int length)
    {
        var (source, destination) = (System.Net.IPEndPoint.Parse(client), System.Net.IPEndPoint.Parse(proxy));
        var address = source.Address.GetAddressBytes();
        return Hash(
            key,
            [
                .. Encoding.ASCII.GetBytes("middlebox destination 0"), (byte)transparent, (byte)address.Length, .. address, .. destination.Address.GetAddressBytes(),
                (byte)(source.Port >> 8), (byte)source.Port, (byte)(destination.Port >> 8), (byte)destination.Port, .. Number(isn), .. server,
            ],
            length);
    }

    private static byte[] Common(byte direction, string client, string server, uint isn, ushort proxyId, byte preference)
    {
        var source = HostEndpoint.Parse(client);
        var destination = HostEndpoint.Parse(server);
        return
        [
            .. Encoding.ASCII.GetBytes("middlebox proxy claim 0"),
            direction,
            (byte)(source.Address.IsIpv4 ? 4 : 16),
            .. System.Net.IPAddress.Parse(source.Address.ToString()).GetAddressBytes(),
            .. System.Net.IPAddress.Parse(destination.Address.ToString()).GetAddressBytes(),
            (byte)(source.Port.Value >> 8),
            (byte)source.Port.Value,
            (byte)(destination.Port.Value >> 8),
            (byte)destination.Port.Value,
            .. Number(isn),
            (byte)(proxyId >> 8),
            (byte)proxyId,
            preference,
        ];
    }

    private static byte[] Number(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] Hash(byte[] key, byte[] message, int length)
    {
        using var hmac = new HMACSHA256(key);
        return hmac.ComputeHash(message)[..length];
    }
}
