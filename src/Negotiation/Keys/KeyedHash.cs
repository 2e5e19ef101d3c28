using System.Security.Cryptography;

namespace Middlebox.Negotiation.Keys;

/// <summary>HMAC-SHA256 (RFC 2104), of which options have room for the beginning only.</summary>
internal static class KeyedHash
{
    /// <summary>Writes the leftmost octets of the hash, as many as the tag has: 1 to 32.</summary>
    public static void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> tag)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, message, hash);
        hash[..tag.Length].CopyTo(tag);
    }
}
