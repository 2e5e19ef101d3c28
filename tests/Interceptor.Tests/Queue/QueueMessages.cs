using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Middlebox.Interceptor.Tests.Queue;

/// <summary>Netlink messages as the kernel writes them (nfnetlink_queue.c), byte by byte and not by the code under test.</summary>
internal static class QueueMessages
{
    public const ushort PacketMessage = 0x0300;
    public const ushort ErrorMessage = 2;

    public static byte[] Packet(uint id, byte[] payload) =>
        Message(PacketMessage, [.. Header(), .. PacketHeader(id), .. Attribute(10, payload)]);

    /// <summary>Family, version, and the queue in network order.</summary>
    public static byte[] Header() => [2, 0, 0x10, 0x68];

    /// <summary>NFQA_PACKET_HDR: id, protocol and hook.</summary>
    public static byte[] PacketHeader(uint id)
    {
        var value = new byte[7];
        BinaryPrimitives.WriteUInt32BigEndian(value, id);
        value[4] = 8;
        value[6] = 2;
        return Attribute(1, value);
    }

    public static byte[] Attribute(ushort type, byte[] value)
    {
        var bytes = new byte[(4 + value.Length + 3) / 4 * 4];
        MemoryMarshal.Write(bytes, (ushort)(4 + value.Length));
        MemoryMarshal.Write(bytes.AsSpan(2), type);
        value.CopyTo(bytes, 4);
        return bytes;
    }

    public static byte[] Error(int error)
    {
        var body = new byte[4 + 16];
        MemoryMarshal.Write(body, error);
        return Message(ErrorMessage, body);
    }

    public static byte[] Message(ushort type, byte[] body)
    {
        var bytes = new byte[16 + body.Length];
        MemoryMarshal.Write(bytes, (uint)bytes.Length);
        MemoryMarshal.Write(bytes.AsSpan(4), type);
        body.CopyTo(bytes, 16);
        return bytes;
    }
}
