using System.Net;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>Convert messages octet by octet, as the figures of RFC 8803 draw them: a client that knows the RFC and none of the project's code.</summary>
internal static class ConvertOctets
{
    public const byte Extended = 0x14;
    public const byte Supported = 0x15;
    public const byte Error = 0x1E;

    /// <summary>Figure 16.</summary>
    public static byte[] Info => [0x01, 1, 0, 0];

    /// <summary>Figures 13 and 18.</summary>
    public static byte[] Connect(IPAddress server, int port) => Message(ConnectTlv(server, port));

    /// <summary>Figures 18 to 20.</summary>
    public static byte[] ConnectTlv(IPAddress server, int port, params byte[] options) =>
        [0x0A, (byte)(5 + (options.Length / 4)), (byte)(port >> 8), (byte)port, .. server.MapToIPv6().GetAddressBytes(), .. options];

    /// <summary>Figure 22.</summary>
    public static byte[] Cookie(byte[] cookie) => [0x16, (byte)(1 + (cookie.Length / 4)), 0, 0, .. cookie];

    /// <summary>Figure 13 in front of TLVs.</summary>
    public static byte[] Message(params byte[][] tlvs)
    {
        byte[] body = [.. tlvs.SelectMany(tlv => tlv)];
        return [1, (byte)((4 + body.Length) / 4), 0x22, 0x63, .. body];
    }

    /// <summary>The TLV of a type in a message, type and length included; empty if there is none.</summary>
    public static byte[] Find(byte[] message, byte type)
    {
        for (var at = 4; at < message.Length; at += message[at + 1] * 4)
        {
            if (message[at] == type)
                return message[at..(at + (message[at + 1] * 4))];
        }

        return [];
    }

    /// <summary>Kinds of the TCP options in an Extended TCP Header TLV.</summary>
    public static IReadOnlyList<int> Kinds(byte[] extended)
    {
        var kinds = new List<int>();
        for (var at = 4; at < extended.Length && extended[at] != 0; at += extended[at] == 1 ? 1 : extended[at + 1])
        {
            if (extended[at] != 1)
                kinds.Add(extended[at]);
        }

        return kinds;
    }
}
