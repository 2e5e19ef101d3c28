using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static Middlebox.Interceptor.Queue.NfqueueConstants;

namespace Middlebox.Interceptor.Queue;

/// <summary>
/// Reads the messages of one netlink datagram in order. A message that contradicts its own lengths ends the datagram: the
/// kernel does not write such, but nothing is read beyond the end on its word.
/// </summary>
internal ref struct NfqueueReader(Span<byte> datagram)
{
    // struct nfqnl_msg_packet_hdr: the id, the protocol of the link layer, the hook.
    private const int HookOffset = 6;
    private const int PacketHeaderLength = 7;

    private Span<byte> _rest = datagram;

    /// <summary>The id of the packet that the current message carries; null if it carries none.</summary>
    public uint? PacketId { get; private set; }

    /// <summary>The packet from its IP header on.</summary>
    public Span<byte> Payload { get; private set; }

    /// <summary>Where the packet was queued.</summary>
    public PacketHook Hook { get; private set; }

    /// <summary>Whether the packet is longer than what was copied of it.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The answer to a request: 0, or a negative errno; null if the current message is none.</summary>
    public int? Acknowledgment { get; private set; }

    /// <summary>Goes to the next message; false at the end.</summary>
    public bool MoveNext()
    {
        PacketId = null;
        Payload = default;
        IsCut = false;
        Acknowledgment = null;
        if (_rest.Length < NLMSG_HDRLEN)
            return false;
        var length = MemoryMarshal.Read<uint>(_rest);
        if (length < NLMSG_HDRLEN || length > (uint)_rest.Length)
            return false;

        var message = _rest[..(int)length];
        _rest = _rest[Math.Min(Align((int)length), _rest.Length)..];
        switch (MemoryMarshal.Read<ushort>(message[4..]))
        {
            case NFQNL_MSG_PACKET when message.Length >= NLMSG_HDRLEN + NFGENMSG_LEN:
                ReadPacket(message[(NLMSG_HDRLEN + NFGENMSG_LEN)..]);
                break;
            case NLMSG_ERROR when message.Length >= NLMSG_HDRLEN + sizeof(int):
                Acknowledgment = MemoryMarshal.Read<int>(message[NLMSG_HDRLEN..]);
                break;
        }

        return true;
    }

    private void ReadPacket(Span<byte> attributes)
    {
        while (attributes.Length >= NLA_HDRLEN)
        {
            var length = MemoryMarshal.Read<ushort>(attributes);
            if (length < NLA_HDRLEN || length > attributes.Length)
                return;
            var value = attributes[NLA_HDRLEN..length];
            switch (MemoryMarshal.Read<ushort>(attributes[2..]) & NLA_TYPE_MASK)
            {
                case NFQA_PACKET_HDR when value.Length >= PacketHeaderLength:
                    PacketId = BinaryPrimitives.ReadUInt32BigEndian(value);
                    Hook = (PacketHook)value[HookOffset];
                    break;
                case NFQA_PAYLOAD:
                    Payload = value;
                    break;
                case NFQA_CAP_LEN:
                    IsCut = true;
                    break;
            }

            attributes = attributes[Math.Min(Align(length), attributes.Length)..];
        }
    }
}
