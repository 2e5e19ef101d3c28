using FsCheck;
using FsCheck.Fluent;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Wire;

/// <summary>After any edit the checksums are those of a full recomputation, and everything else is as before.</summary>
[TestFixture]
public sealed class TcpPacketEditorProperties
{
    private static readonly Gen<(byte[] Packet, int Choice)> Packets =
        from fields in WireGen.Fields
        from options in WireGen.Options
        from payload in Gen.Choose(0, 9).SelectMany(WireGen.Octets)
        from choice in Gen.Choose(0, 1000)
        select (Write(fields, options, payload), choice);

    [Test]
    public void BlankOption_ChecksumIsThatOfRecomputation() =>
        WireGen.Holds(Packets, static sample =>
        {
            var (packet, before) = (sample.Packet, PlainReader.Read(sample.Packet));
            if (!TryChoose(before, sample.Choice, out var offset, out var length))
                return true;

            TcpPacketEditor.BlankOption(packet, before.TcpOffset, offset, length);
            var after = PlainReader.Read(packet);
            return IsSound(packet)
                && after.Text == before.Text
                && Kept(after.Options!).SequenceEqual(Kept(before.Options!, offset));
        });

    [Test]
    public void RemoveOption_ChecksumsAreThoseOfRecomputation() =>
        WireGen.Holds(Packets, static sample =>
        {
            var (packet, before) = (sample.Packet, PlainReader.Read(sample.Packet));
            if (!TryChoose(before, sample.Choice, out var offset, out var length))
                return true;

            var expected = Kept(before.Options!, offset);
            var payload = packet[(before.TcpOffset + 20 + before.Options!.Length)..];
            packet = packet[..TcpPacketEditor.RemoveOption(packet, before.TcpOffset, offset, length)];
            var after = PlainReader.Read(packet);
            return IsSound(packet)
                && after.Text == before.Text
                && before.Options.Length - after.Options!.Length == length / 4 * 4
                && Kept(after.Options).SequenceEqual(expected)
                && packet.AsSpan().EndsWith(payload);
        });

    [Test]
    public void TryAppendOption_ChecksumsAreThoseOfRecomputation() =>
        WireGen.Holds(Packets, static sample =>
        {
            var before = PlainReader.Read(sample.Packet);
            byte[] option = [253, (byte)(2 + (sample.Choice % 20)), .. new byte[sample.Choice % 20]];
            byte[] buffer = [.. sample.Packet, .. new byte[40]];
            var kept = Kept(before.Options!);
            var payload = sample.Packet[(before.TcpOffset + 20 + before.Options!.Length)..];
            var isAdded = TcpPacketEditor.TryAppendOption(
                buffer, sample.Packet.Length, before.TcpOffset, option, out var length);
            var packet = buffer[..length];
            if (!isAdded)
                return packet.SequenceEqual(sample.Packet) && EndOf(before.Options) + option.Length > 40;

            var after = PlainReader.Read(packet);
            return IsSound(packet)
                && after.Text == before.Text
                && Kept(after.Options!).SequenceEqual([.. kept, Convert.ToHexString(option)])
                && packet.AsSpan().EndsWith(payload);
        });

    [Test]
    public void PatchByte_ChecksumIsThatOfRecomputation() =>
        WireGen.Holds(Packets, static sample =>
        {
            var (packet, before) = (sample.Packet, PlainReader.Read(sample.Packet));
            var offset = sample.Choice % (packet.Length - before.TcpOffset);
            if (offset is 12 or 16 or 17)
                return true;

            TcpPacketEditor.PatchByte(packet, before.TcpOffset, offset, (byte)sample.Choice);
            return packet[before.TcpOffset + offset] == (byte)sample.Choice && IsSound(packet);
        });

    [Test]
    public void DamagedPacket_StaysDamagedByAsMuch() =>
        WireGen.Holds(Packets, static sample =>
        {
            var (packet, before) = (sample.Packet, PlainReader.Read(sample.Packet));
            packet[before.TcpOffset + 16] ^= (byte)(1 + (sample.Choice % 255));
            var damage = PlainReader.TcpResidue(packet, before.TcpOffset);
            if (!TryChoose(before, sample.Choice, out var offset, out var length))
                return true;

            packet = packet[..TcpPacketEditor.RemoveOption(packet, before.TcpOffset, offset, length)];
            return PlainReader.TcpResidue(packet, before.TcpOffset) % 0xFFFF == damage % 0xFFFF;
        });

    private static byte[] Write(TcpSegmentFields fields, byte[] options, byte[] payload)
    {
        var packet = new byte[TcpSegmentWriter.LengthOf(fields, options.Length, payload.Length)];
        TcpSegmentWriter.Write(packet, fields, options, payload);
        return packet;
    }

    private static bool TryChoose(PlainReader.Reading reading, int choice, out int offset, out int length)
    {
        var options = PlainReader.Walk(reading.Options!).Options;
        (offset, length) = options.Count == 0
            ? (0, 0)
            : (options[choice % options.Count].Offset, options[choice % options.Count].Octets.Length);
        return options.Count != 0;
    }

    // Every option but NOPs, and but the one at an offset.
    private static List<string> Kept(byte[] options, int except = -1) =>
        [.. PlainReader.Walk(options).Options
            .Where(option => option.Octets[0] != 1 && option.Offset != except)
            .Select(option => Convert.ToHexString(option.Octets))];

    private static int EndOf(byte[] options) =>
        PlainReader.Walk(options).Options
            .Where(option => option.Octets[0] != 1)
            .Select(option => option.Offset + option.Octets.Length)
            .LastOrDefault();

    private static bool IsSound(byte[] packet)
    {
        var reading = PlainReader.Read(packet);
        return reading.Defect == "None"
            && reading.Length == packet.Length
            && InternetChecksum.TcpChecksumIsValid(packet, reading.TcpOffset)
            && PlainReader.TcpResidue(packet, reading.TcpOffset) == 0
            && (packet[0] >> 4 == 6 || PlainReader.Checksum(packet[..(packet[0] % 16 * 4)]) == 0);
    }
}
