using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Converter;

/// <summary>
/// Cookies that show that a client receives what is sent to its address (RFC 8803 section 6.2.7, RFC 7413 section 4.1.2): the leftmost octets of
/// HMAC-SHA256 over the address, under a key that only this box has. Nothing is kept for a client. Used by one thread.
/// </summary>
/// <remarks>A key is in use for the life time of a cookie, and its cookies are taken for as long again: a cookie lives for one to two life times.</remarks>
/// <param name="lifetime">How long a key is in use.</param>
/// <param name="time">The clock.</param>
public sealed class ConvertCookies(TimeSpan lifetime, TimeProvider time)
{
    /// <summary>Octets of a cookie, whole words of a TLV.</summary>
    public const int Length = 16;

    private const int KeyLength = 32;

    private static readonly byte[] Label = Encoding.ASCII.GetBytes("middlebox convert cookie 0");

    private readonly byte[] _current = RandomNumberGenerator.GetBytes(KeyLength);
    private readonly byte[] _previous = RandomNumberGenerator.GetBytes(KeyLength);
    private long _since = time.GetTimestamp();

    /// <summary>Writes the cookie of a client.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="cookie">Receives <see cref="Length"/> octets.</param>
    public void Write(HostAddress client, Span<byte> cookie)
    {
        Rotate();
        Write(_current, client, cookie);
    }

    /// <summary>Whether a cookie is one that this client was given, and has not expired.</summary>
    public bool IsValid(HostAddress client, ReadOnlySpan<byte> cookie)
    {
        Rotate();
        Span<byte> expected = stackalloc byte[Length];
        Write(_current, client, expected);
        var isCurrent = CryptographicOperations.FixedTimeEquals(expected, cookie);
        Write(_previous, client, expected);
        return isCurrent | CryptographicOperations.FixedTimeEquals(expected, cookie);
    }

    private void Rotate()
    {
        var age = time.GetElapsedTime(_since);
        if (age < lifetime)
            return;
        if (age < 2 * lifetime)
            _current.CopyTo(_previous, 0);
        else
            RandomNumberGenerator.Fill(_previous);
        RandomNumberGenerator.Fill(_current);
        _since = time.GetTimestamp();
    }

    private static void Write(byte[] key, HostAddress client, Span<byte> cookie)
    {
        Span<byte> message = stackalloc byte[Label.Length + HostAddress.Ipv6Length];
        Label.CopyTo(message);
        BinaryPrimitives.WriteUInt128BigEndian(message[Label.Length..], client.Bits);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, message, hash);
        hash[..Length].CopyTo(cookie);
    }
}
