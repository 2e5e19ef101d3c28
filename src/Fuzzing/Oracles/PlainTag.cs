using System.Security.Cryptography;
using System.Text;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Fuzzing.Oracles;

/// <summary>The tag as docs/explicit.md describes it, put together by itself.</summary>
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
