using System.Buffers.Binary;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Addressed;

/// <summary>What one side of a connection has sent last: enough to write a segment in its name that the other side takes.</summary>
internal struct ObservedSide
{
    private uint _timestampValue;
    private uint _timestampEcho;

    /// <summary>The number of the next octet.</summary>
    public uint Next { get; private set; }

    /// <summary>What this side has acknowledged.</summary>
    public uint Acknowledged { get; private set; }

    public ushort Window { get; private set; }

    public bool HasTimestamps { get; private set; }

    public void Observe(in TcpPacket segment)
    {
        var length = (uint)segment.PayloadLength;
        if ((segment.Flags & TcpFlags.Syn) != 0)
            length++;
        if ((segment.Flags & TcpFlags.Fin) != 0)
            length++;
        var next = segment.Sequence + length;
        // A repeated segment says nothing new; a first one is new in any case.
        if ((segment.Flags & TcpFlags.Syn) == 0 && (int)(next - Next) < 0)
            return;
        (Next, Acknowledged, Window) = (next, segment.Acknowledgment, segment.Window);
        ReadTimestamps(segment.Options);
    }

    /// <summary>Writes the timestamps of a segment in this side's name.</summary>
    /// <returns>Octets written: 12.</returns>
    public readonly int WriteTimestamps(Span<byte> options)
    {
        const int Padding = 2;
        options[..Padding].Fill((byte)TcpOptionKind.NoOperation);
        options[Padding] = (byte)TcpOptionKind.Timestamps;
        options[Padding + 1] = TcpConstants.TimestampsLength;
        BinaryPrimitives.WriteUInt32BigEndian(options[(Padding + 2)..], _timestampValue);
        BinaryPrimitives.WriteUInt32BigEndian(options[(Padding + 6)..], _timestampEcho);
        return Padding + TcpConstants.TimestampsLength;
    }

    private void ReadTimestamps(ReadOnlySpan<byte> options)
    {
        HasTimestamps = false;
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Kind != TcpOptionKind.Timestamps || reader.Bytes.Length != TcpConstants.TimestampsLength)
                continue;
            HasTimestamps = true;
            _timestampValue = BinaryPrimitives.ReadUInt32BigEndian(reader.Bytes[2..]);
            _timestampEcho = BinaryPrimitives.ReadUInt32BigEndian(reader.Bytes[6..]);
        }
    }
}
