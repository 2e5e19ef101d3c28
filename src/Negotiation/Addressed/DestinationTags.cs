using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Keys;

namespace Middlebox.Negotiation.Addressed;

/// <summary>
/// Makes and checks the tags of SYNs that name a server: the leftmost octets of HMAC-SHA256 over everything that ties one to its connection, so that it cannot be made
/// without the key, changed, or moved to another connection.
/// </summary>
public static class DestinationTags
{
    private const int MessageCapacity = 96;

    // Other than that of claims, so that neither passes for the other where both have the same key.
    private static readonly byte[] Label = Encoding.ASCII.GetBytes("middlebox destination 0");

    /// <summary>The same option with a tag.</summary>
    /// <param name="destination">What is named, and how.</param>
    /// <param name="addressed">The host, and the proxy's address and port that its SYN goes to.</param>
    /// <param name="isn">The initial sequence number of the SYN.</param>
    /// <param name="keys">One of them signs.</param>
    public static DestinationOption Sign(in DestinationOption destination, in FlowKey addressed, uint isn, SharedKeys keys)
    {
        Span<byte> tag = stackalloc byte[LengthFor(in destination)];
        Compute(in destination, in addressed, isn, keys.SigningKey, tag);
        return destination with { Tag = DestinationTag.Read(keys.SigningKeyId, tag) };
    }

    /// <summary>Whether a tag was made with the key, for this SYN and no other. Takes as long for each that was not.</summary>
    /// <param name="destination">What is named.</param>
    /// <param name="tag">Its tag.</param>
    /// <param name="addressed">The host as the proxy sees it, and the proxy's address and port.</param>
    /// <param name="isn">The initial sequence number of the SYN.</param>
    /// <param name="key">The key with the tag's id.</param>
    internal static bool IsRight(in DestinationOption destination, DestinationTag tag, in FlowKey addressed, uint isn, ReadOnlySpan<byte> key)
    {
        Span<byte> expected = stackalloc byte[LengthFor(in destination)];
        Compute(in destination, in addressed, isn, key, expected);
        Span<byte> found = stackalloc byte[expected.Length];
        tag.Write(found);
        return CryptographicOperations.FixedTimeEquals(expected, found);
    }

    private static int LengthFor(in DestinationOption destination) =>
        destination.Server.Address.IsIpv4 ? DestinationTag.Ipv4Length : DestinationTag.Ipv6Length;

    private static void Compute(in DestinationOption destination, in FlowKey addressed, uint isn, ReadOnlySpan<byte> key, Span<byte> tag)
    {
        Span<byte> message = stackalloc byte[MessageCapacity];
        Label.CopyTo(message);
        var length = Label.Length;
        message[length++] = (byte)(destination.IsTransparent ? 1 : 0);
        message[length++] = (byte)addressed.Client.Address.Length;
        length += addressed.Client.Address.WriteTo(message[length..]);
        length += addressed.Server.Address.WriteTo(message[length..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[length..], addressed.Client.Port.Value);
        BinaryPrimitives.WriteUInt16BigEndian(message[(length + 2)..], addressed.Server.Port.Value);
        BinaryPrimitives.WriteUInt32BigEndian(message[(length + 4)..], isn);
        length += 8;
        length += destination.Server.Address.WriteTo(message[length..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[length..], destination.Server.Port.Value);
        KeyedHash.Write(key, message[..(length + 2)], tag);
    }
}
