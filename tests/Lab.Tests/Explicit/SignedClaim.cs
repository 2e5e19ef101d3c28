using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>
/// Makes claims for SYNs, right and wrong ones. Written from the protocol's description, not by the project's own code, so that
/// the two check each other.
/// </summary>
public static class SignedClaim
{
    public const int SynLength = 14;
    public const int SynAckLength = 8;
    private const int TagLength = 8;
    private const int TagOffset = SynLength - TagLength;

    /// <summary>The key of a lab's key file with this id.</summary>
    public static byte[] KeyOf(Laboratory lab, int id) => Convert.FromHexString(
        File.ReadLines(lab.ClaimKeyFile).Select(line => line.Split(' ')).Single(words =>
            words[0] == "key" && words[1] == id.ToString(CultureInfo.InvariantCulture))[2]);

    /// <summary>A claim of the connection that a SYN opens.</summary>
    public static byte[] For(in TcpPacket syn, byte[] key, byte keyId, ushort proxyId, byte preference)
    {
        var claim = new byte[SynLength];
        claim[0] = (byte)TcpOptionKind.Mptcp;
        claim[1] = SynLength;
        claim[2] = (byte)(0xF8 | preference);
        claim[3] = keyId;
        BinaryPrimitives.WriteUInt16BigEndian(claim.AsSpan(4), proxyId);
        Tag(in syn, key, proxyId, preference).CopyTo(claim.AsSpan(TagOffset));
        return claim;
    }

    private static ReadOnlySpan<byte> Tag(in TcpPacket syn, byte[] key, ushort proxyId, byte preference)
    {
        const byte SynDirection = 1;
        var source = IPEndPoint.Parse(syn.Source.ToString());
        var destination = IPEndPoint.Parse(syn.Destination.ToString());
        var message = new List<byte>(Encoding.ASCII.GetBytes("middlebox proxy claim 0")) { SynDirection };
        message.Add((byte)source.Address.GetAddressBytes().Length);
        message.AddRange(source.Address.GetAddressBytes());
        message.AddRange(destination.Address.GetAddressBytes());
        Add16((ushort)source.Port);
        Add16((ushort)destination.Port);
        Add16((ushort)(syn.Sequence >> 16));
        Add16((ushort)syn.Sequence);
        Add16(proxyId);
        message.Add(preference);
        return HMACSHA256.HashData(key, message.ToArray()).AsSpan(0, TagLength);

        void Add16(ushort value) => message.AddRange([(byte)(value >> 8), (byte)value]);
    }
}
