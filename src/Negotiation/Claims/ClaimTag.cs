using System.Buffers.Binary;
using System.Text;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Keys;

namespace Middlebox.Negotiation.Claims;

/// <summary>
/// Computes the tags of claims: the leftmost bytes of HMAC-SHA256 over everything that ties a claim to its connection, so that a claim
/// cannot be moved to another one, changed, or made without the key.
/// </summary>
internal static class ClaimTag
{
    private const int MessageCapacity = 96;
    private const byte SynDirection = 1;
    private const byte SynAckDirection = 2;

    private static readonly byte[] Label = Encoding.ASCII.GetBytes("middlebox proxy claim 0");

    /// <summary>Writes the tag of a claim in a SYN; its length is the destination's.</summary>
    public static void ForSyn(
        ReadOnlySpan<byte> key, in FlowKey flow, uint clientIsn, ProxyClaim claim, Span<byte> tag)
    {
        Span<byte> message = stackalloc byte[MessageCapacity];
        var length = WriteCommon(message, SynDirection, in flow, clientIsn, claim);
        KeyedHash.Write(key, message[..length], tag);
    }

    /// <summary>Writes the tag of a claim in a SYN/ACK; its length is the destination's.</summary>
    /// <param name="serverKey">The key in its MP_CAPABLE, 8 bytes.</param>
    public static void ForSynAck(
        ReadOnlySpan<byte> key,
        in FlowKey flow,
        uint clientIsn,
        uint serverIsn,
        ReadOnlySpan<byte> serverKey,
        ProxyClaim claim,
        Span<byte> tag)
    {
        Span<byte> message = stackalloc byte[MessageCapacity];
        var length = WriteCommon(message, SynAckDirection, in flow, clientIsn, claim);
        BinaryPrimitives.WriteUInt32BigEndian(message[length..], serverIsn);
        serverKey.CopyTo(message[(length + sizeof(uint))..]);
        KeyedHash.Write(key, message[..(length + sizeof(uint) + serverKey.Length)], tag);
    }

    private static int WriteCommon(Span<byte> message, byte direction, in FlowKey flow, uint clientIsn, ProxyClaim claim)
    {
        Label.CopyTo(message);
        var length = Label.Length;
        message[length++] = direction;
        message[length++] = (byte)flow.Client.Address.Length;
        length += flow.Client.Address.WriteTo(message[length..]);
        length += flow.Server.Address.WriteTo(message[length..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[length..], flow.Client.Port.Value);
        BinaryPrimitives.WriteUInt16BigEndian(message[(length + 2)..], flow.Server.Port.Value);
        BinaryPrimitives.WriteUInt32BigEndian(message[(length + 4)..], clientIsn);
        BinaryPrimitives.WriteUInt16BigEndian(message[(length + 8)..], claim.ProxyId);
        message[length + 10] = claim.Preference;
        return length + 11;
    }
}
