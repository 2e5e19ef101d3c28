using System.Numerics;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.History;

/// <summary>
/// The latest decisions of one packet thread, in a ring that is allocated once. That thread alone writes, without a lock, an allocation
/// or a thought of readers; any thread may read, and finds out if what it reads was being overwritten. A slow reader loses decisions
/// and can count them.
/// </summary>
/// <remarks>
/// Each entry has its number, which is taken away before and given back after it is written (a sequence lock): a copy is good if the
/// number was the expected one before and after. Packets are copied only while somebody keeps them.
/// </remarks>
public sealed class DecisionHistory
{
    /// <summary>Most bytes of a packet that are kept: an IPv6 header and a TCP header with all options, and room for an extension header.</summary>
    public const int MaximumPacketLength = 128;

    private const long BeingWritten = -1;

    private readonly Entry[] _entries;
    private readonly TimeProvider _time;
    private readonly int _mask;
    private byte[]? _packets;
    private int _keepers;
    private long _written;
    private long _packetsSince;

    /// <param name="capacity">Decisions remembered; rounded up to a power of two.</param>
    /// <param name="time">The negotiator's clock.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public DecisionHistory(int capacity, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _entries.Length - 1;
        _time = time;
        Array.Fill(_entries, new Entry { Number = BeingWritten });
    }

    /// <summary>Decisions remembered at most.</summary>
    public int Capacity => _entries.Length;

    /// <summary>Decisions ever written: the number of the next one.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Remembers what was decided on a segment, unless it is of a connection that the box knows nothing of.</summary>
    public void Add(in TcpPacket segment, in Decision decision)
    {
        if (decision.Reason is Reason.NoContext or Reason.NotHandshake)
            return;
        var isAnswer = (segment.Flags & (TcpFlags.Ack | TcpFlags.Rst)) != 0;
        Add(
            new DecisionRecord
            {
                Time = _time.GetTimestamp(),
                Flow = isAnswer ? segment.FlowFromServer : segment.FlowFromClient,
                Segment = segment.Flags,
                Verdict = decision.Verdict,
                Reason = decision.Reason,
                Edits = decision.Edits,
                Token = decision.Reason is Reason.OwnJoin or Reason.ForeignJoin or Reason.EarlyJoin or Reason.JoinUnresolved
                    ? HandshakeOptions.Read(segment.Options).MpJoinToken
                    : 0,
                PacketLength = (ushort)segment.Bytes.Length,
            },
            segment.Bytes);
    }

    /// <summary>Remembers what was decided on a segment of a connection whose server is named to a proxy, by this host or to this box.</summary>
    /// <param name="flow">The client, and the server that is named.</param>
    /// <param name="proxy">Where it is named; default if there is no proxy.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="verdict">What is done with it.</param>
    /// <param name="reason">Why.</param>
    public void Add(in FlowKey flow, in HostEndpoint proxy, in TcpPacket segment, Verdict verdict, Reason reason) => Add(
        new DecisionRecord
        {
            Time = _time.GetTimestamp(),
            Flow = flow,
            Proxy = proxy,
            Segment = segment.Flags,
            Verdict = verdict,
            Reason = reason,
            PacketLength = (ushort)segment.Bytes.Length,
        },
        segment.Bytes);

    /// <summary>Remembers that a context ended without a segment that would tell.</summary>
    public void AddEnd(in FlowKey flow, Reason reason, HostEndpoint proxy = default) =>
        Add(new DecisionRecord { Time = _time.GetTimestamp(), Flow = flow, Proxy = proxy, Reason = reason }, []);

    /// <summary>From now on packets are kept too, until <see cref="ForgoPackets"/> has been called as often.</summary>
    public void KeepPackets()
    {
        lock (_entries)
        {
            if (_keepers++ > 0)
                return;
            // Older entries may tell of packets that were kept once before.
            Volatile.Write(ref _packetsSince, Written);
            Volatile.Write(ref _packets, new byte[_entries.Length * MaximumPacketLength]);
        }
    }

    /// <summary>Undoes one <see cref="KeepPackets"/>.</summary>
    public void ForgoPackets()
    {
        lock (_entries)
        {
            if (--_keepers == 0)
                Volatile.Write(ref _packets, null);
        }
    }

    /// <summary>Copies one decision.</summary>
    /// <param name="number">Its number, less than <see cref="Written"/>.</param>
    /// <param name="record">The decision.</param>
    /// <param name="packet">Takes the beginning of its packet, up to <see cref="MaximumPacketLength"/> bytes; empty for none.</param>
    /// <param name="packetLength">Bytes written there; 0 if the packet was not kept.</param>
    /// <returns>False if it has been overwritten.</returns>
    public bool TryRead(long number, out DecisionRecord record, Span<byte> packet, out int packetLength)
    {
        ref var entry = ref _entries[number & _mask];
        var before = Volatile.Read(ref entry.Number);
        record = entry.Record;
        packetLength = entry.KeptLength;
        if (packetLength > packet.Length || number < Volatile.Read(ref _packetsSince) || Volatile.Read(ref _packets) is not { } packets)
            packetLength = 0;
        else
            packets.AsSpan((int)(number & _mask) * MaximumPacketLength, packetLength).CopyTo(packet);
        Volatile.ReadBarrier();
        return before == number && entry.Number == number;
    }

    /// <summary>The decisions that are remembered and wanted, the oldest first.</summary>
    public IEnumerable<DecisionRecord> Find(Func<DecisionRecord, bool> wanted)
    {
        var end = Written;
        for (var number = Math.Max(0, end - Capacity); number < end; number++)
        {
            if (TryRead(number, out var record, [], out _) && wanted(record))
                yield return record;
        }
    }

    private void Add(in DecisionRecord record, ReadOnlySpan<byte> packet)
    {
        var number = _written;
        var slot = (int)(number & _mask);
        ref var entry = ref _entries[slot];
        entry.Number = BeingWritten;
        Volatile.WriteBarrier();
        entry.Record = record;
        entry.KeptLength = 0;
        if (Volatile.Read(ref _packets) is { } packets)
        {
            entry.KeptLength = (byte)Math.Min(packet.Length, MaximumPacketLength);
            packet[..entry.KeptLength].CopyTo(packets.AsSpan(slot * MaximumPacketLength));
        }

        Volatile.Write(ref entry.Number, number);
        Volatile.Write(ref _written, number + 1);
    }

    private struct Entry
    {
        public long Number;
        public DecisionRecord Record;
        public byte KeptLength;
    }
}
