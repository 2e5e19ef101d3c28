using Middlebox.Fuzzing.Mutation;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Targets;

/// <summary>Reader, editors and writer of TCP packets.</summary>
public sealed class PacketTarget : IFuzzTarget
{
    // ECE and CWR, and AE in the octet before.
    private const int EcnFlags = 0x1C0;
    private static readonly byte[] Claim = [30, 6, 0xF8, 1, 2, 3];

    public IMutator Mutator { get; } = new PacketMutator();

    public int Run(byte[] input)
    {
        var reading = ReaderComparison.OfPackets(input);
        OracleException.Require(Allocation.Of(() => ReadWhole(input)) == 0, "reading has allocated");
        if (reading.Defect != "None")
            return HashCode.Combine(StringComparer.Ordinal.GetHashCode(reading.Defect));

        var packet = input[..reading.Length];
        var list = PlainReader.Walk(reading.Options!);
        foreach (var (offset, octets) in list.Options)
        {
            Blank(packet, reading, offset, octets.Length);
            Remove(packet, reading, offset, octets.Length);
        }

        WithdrawEcn(packet, reading);
        var isAppended = Append(packet, reading, list);
        Rewrite(packet);
        return HashCode.Combine(isAppended, list.Malformed, Kinds(list), StringComparer.Ordinal.GetHashCode(Shape(reading, input)));
    }

    private static bool ReadWhole(byte[] input) =>
        TcpPacket.Read(input, out var packet) == PacketDefect.None && HandshakeOptions.Read(packet.Options).Malformed;

    private static void Blank(byte[] packet, PlainReader.Reading reading, int offset, int length)
    {
        var after = (byte[])packet.Clone();
        TcpPacketEditor.BlankOption(after, reading.TcpOffset, offset, length);
        PacketChange.Require(packet, after, "blank", PacketChange.Kept(reading.Options!, offset));
        OracleException.Require(after.Length == packet.Length, "blank: another length");
    }

    private static void Remove(byte[] packet, PlainReader.Reading reading, int offset, int length)
    {
        var buffer = (byte[])packet.Clone();
        var newLength = TcpPacketEditor.RemoveOption(buffer, reading.TcpOffset, offset, length);
        OracleException.Require(newLength <= packet.Length && packet.Length - newLength <= length, "remove: another length");
        // What stands behind a malformed option moves into the place of the removed one, and may be read as options there.
        var isWhole = !PlainReader.Walk(reading.Options!).Malformed;
        PacketChange.Require(packet, buffer[..newLength], "remove", isWhole ? PacketChange.Kept(reading.Options!, offset) : null);
    }

    private static void WithdrawEcn(byte[] packet, PlainReader.Reading reading)
    {
        var after = (byte[])packet.Clone();
        TcpPacketEditor.WithdrawEcn(after, reading.TcpOffset);
        PacketChange.Require(packet, after, "withdraw ECN", PacketChange.Kept(reading.Options!), EcnFlags);
        OracleException.Require((after[reading.TcpOffset + 13] & 0xC0) == 0 && (after[reading.TcpOffset + 12] & 1) == 0, "withdraw ECN: flags remain");
    }

    private static bool Append(byte[] packet, PlainReader.Reading reading, PlainReader.OptionList list)
    {
        const byte Guard = 0xA5;
        byte[] buffer = [.. packet, .. Enumerable.Repeat(Guard, 48)];
        var room = buffer.AsSpan(0, packet.Length + 40);
        var isAppended = TcpPacketEditor.TryAppendOption(room, packet.Length, reading.TcpOffset, Claim, out var length);
        OracleException.Require(
            !isAppended || TcpPacketEditor.HasRoomForOption(reading.Options, Claim.Length), "append: done though there was no room");
        OracleException.Require(buffer.AsSpan(packet.Length + 40).IndexOfAnyExcept(Guard) < 0, "append: written behind the buffer");
        if (!isAppended)
            OracleException.Require(length == packet.Length && packet.AsSpan().SequenceEqual(buffer.AsSpan(0, length)), "append: refused, and changed");
        else
            PacketChange.Require(packet, buffer[..length], "append", [.. PacketChange.Kept(reading.Options!), Convert.ToHexString(Claim)]);
        OracleException.Require(!isAppended || !list.Malformed, "append: to malformed options");
        return isAppended;
    }

    private static void Rewrite(byte[] packet)
    {
        TcpPacket.Read(packet, out var segment);
        var fields = new TcpSegmentFields(
            segment.Source, segment.Destination, segment.Sequence, segment.Acknowledgment, segment.Flags, segment.Window, segment.TrafficClass);
        var buffer = new byte[TcpSegmentWriter.LengthOf(fields, segment.Options.Length, segment.PayloadLength)];
        if (buffer.Length > ushort.MaxValue)
            return;
        OracleException.Require(TcpSegmentWriter.Write(buffer, fields, segment.Options, segment.Payload) == buffer.Length, "write: another length");
        var (old, now) = (PlainReader.Read(packet), PlainReader.Read(buffer));
        OracleException.Require(now.Text == old.Text && now.Options!.SequenceEqual(old.Options!), $"write: {now.Text}, expected {old.Text}");
        OracleException.Require(PlainReader.TcpResidue(buffer, now.TcpOffset) == 0, "write: TCP checksum");
        OracleException.Require(buffer[0] >> 4 == 6 || PlainReader.Checksum(buffer[..20]) == 0, "write: IP checksum");
        OracleException.Require(buffer.AsSpan().EndsWith(segment.Payload), "write: payload");
    }

    private static int Kinds(PlainReader.OptionList list)
    {
        var hash = default(HashCode);
        foreach (var (_, octets) in list.Options.Where(option => option.Octets[0] != 1).Take(6))
            hash.Add((octets[0], octets.Length));
        return hash.ToHashCode();
    }

    private static string Shape(PlainReader.Reading reading, byte[] input) =>
        $"{input[0] >> 4} {reading.TcpOffset} {input[reading.TcpOffset + 13] & 7} {reading.Length == input.Length}";
}
