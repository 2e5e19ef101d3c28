using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static Middlebox.Interceptor.Queue.NfqueueConstants;

namespace Middlebox.Interceptor.Queue;

/// <summary>Writes messages of the queue protocol one behind the other into a buffer, to be sent in one call.</summary>
internal ref struct NfqueueWriter(Span<byte> buffer, ushort queue)
{
    /// <summary>Bytes of a verdict without the packet.</summary>
    public const int VerdictLength = NLMSG_HDRLEN + NFGENMSG_LEN + NLA_HDRLEN + (2 * sizeof(uint));

    private readonly Span<byte> _buffer = buffer;
    private int _messageStart;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that <see cref="WriteVerdict"/> takes for a verdict that replaces the packet.</summary>
    public static int VerdictLengthWith(int payloadLength) => VerdictLength + NLA_HDRLEN + Align(payloadLength);

    /// <summary>The verdict on one packet, with its new contents unless they are empty.</summary>
    public void WriteVerdict(uint packetId, uint verdict, ReadOnlySpan<byte> newPayload)
    {
        Begin(NFQNL_MSG_VERDICT, 0);
        WriteVerdictHeader(packetId, verdict);
        if (!newPayload.IsEmpty)
            newPayload.CopyTo(Attribute(NFQA_PAYLOAD, newPayload.Length));
        End();
    }

    /// <summary>The same verdict on every packet that waits and whose id is not after <paramref name="lastPacketId"/>.</summary>
    public void WriteBatchVerdict(uint lastPacketId, uint verdict)
    {
        Begin(NFQNL_MSG_VERDICT_BATCH, 0);
        WriteVerdictHeader(lastPacketId, verdict);
        End();
    }

    /// <summary>Takes the queue over for this socket.</summary>
    public void WriteBind()
    {
        Begin(NFQNL_MSG_CONFIG, NLM_F_ACK);
        Attribute(NFQA_CFG_CMD, 4)[0] = NFQNL_CFG_CMD_BIND;
        End();
    }

    /// <summary>A bounded queue of packets or their beginnings; those that find it full pass instead of being dropped.</summary>
    public void WriteParameters(int queueLength, int copiedLength)
    {
        Begin(NFQNL_MSG_CONFIG, NLM_F_ACK);
        var parameters = Attribute(NFQA_CFG_PARAMS, 5);
        BinaryPrimitives.WriteUInt32BigEndian(parameters, (uint)copiedLength);
        parameters[4] = NFQNL_COPY_PACKET;
        BinaryPrimitives.WriteUInt32BigEndian(Attribute(NFQA_CFG_QUEUE_MAXLEN, sizeof(uint)), (uint)queueLength);
        BinaryPrimitives.WriteUInt32BigEndian(Attribute(NFQA_CFG_MASK, sizeof(uint)), NFQA_CFG_F_FAIL_OPEN);
        BinaryPrimitives.WriteUInt32BigEndian(Attribute(NFQA_CFG_FLAGS, sizeof(uint)), NFQA_CFG_F_FAIL_OPEN);
        End();
    }

    private void WriteVerdictHeader(uint packetId, uint verdict)
    {
        var header = Attribute(NFQA_VERDICT_HDR, 2 * sizeof(uint));
        BinaryPrimitives.WriteUInt32BigEndian(header, verdict);
        BinaryPrimitives.WriteUInt32BigEndian(header[sizeof(uint)..], packetId);
    }

    private void Begin(ushort type, ushort flags)
    {
        _messageStart = Length;
        var header = Take(NLMSG_HDRLEN + NFGENMSG_LEN);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)(NLM_F_REQUEST | flags));
        BinaryPrimitives.WriteUInt16BigEndian(header[(NLMSG_HDRLEN + 2)..], queue);
    }

    private Span<byte> Attribute(ushort type, int length)
    {
        var attribute = Take(NLA_HDRLEN + Align(length));
        MemoryMarshal.Write(attribute, (ushort)(NLA_HDRLEN + length));
        MemoryMarshal.Write(attribute[2..], type);
        return attribute.Slice(NLA_HDRLEN, length);
    }

    private readonly void End() => MemoryMarshal.Write(_buffer[_messageStart..], (uint)(Length - _messageStart));

    private Span<byte> Take(int length)
    {
        var taken = _buffer.Slice(Length, length);
        taken.Clear();
        Length += length;
        return taken;
    }
}
