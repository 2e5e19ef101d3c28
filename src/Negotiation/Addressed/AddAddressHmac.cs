using System.Buffers.Binary;
using System.Security.Cryptography;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Addressed;

/// <summary>What proves to a host that an ADD_ADDR is its peer's (RFC 8684 section 3.4.1).</summary>
public static class AddAddressHmac
{
    /// <summary>
    /// The rightmost 64 bits of HMAC-SHA256 under the announcer's key and then the receiver's, over address id, address and port, all in network byte order.
    /// </summary>
    /// <param name="announcerKey">Key of the side in whose name the address is announced.</param>
    /// <param name="receiverKey">Key of the side that is told.</param>
    /// <param name="addressId">Id of the address.</param>
    /// <param name="endpoint">Address and port.</param>
    public static ulong Compute(ulong announcerKey, ulong receiverKey, byte addressId, in HostEndpoint endpoint)
    {
        Span<byte> key = stackalloc byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, announcerKey);
        BinaryPrimitives.WriteUInt64BigEndian(key[sizeof(ulong)..], receiverKey);

        Span<byte> message = stackalloc byte[1 + HostAddress.Ipv6Length + sizeof(ushort)];
        message[0] = addressId;
        var length = 1 + endpoint.Address.WriteTo(message[1..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[length..], endpoint.Port.Value);
        length += sizeof(ushort);

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, message[..length], hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash[^sizeof(ulong)..]);
    }
}
