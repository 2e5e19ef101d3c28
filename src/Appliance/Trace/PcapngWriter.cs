using System.Buffers.Binary;
using System.Text;

namespace Middlebox.Appliance.Trace;

/// <summary>
/// Writes IP packets with comments as pcapng: a section header, one interface of link type RAW, and an enhanced packet block for
/// each packet (draft-ietf-opsawg-pcapng sections 4.1 to 4.3). Little-endian, time stamps in microseconds.
/// </summary>
internal sealed class PcapngWriter : IDisposable
{
    private const uint SectionHeader = 0x0A0D_0D0A;
    private const uint InterfaceDescription = 1;
    private const uint EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1A2B_3C4D;
    private const ushort LinkTypeRaw = 101;
    private const ushort EndOfOptions = 0;
    private const ushort Comment = 1;
    private const ushort InterfaceName = 2;
    private const ushort Application = 4;

    private readonly Stream _stream;

    /// <param name="stream">Where to write; closed with the writer.</param>
    /// <param name="application">What writes.</param>
    /// <param name="interfaceName">Where the packets were seen.</param>
    public PcapngWriter(Stream stream, string application, string interfaceName)
    {
        _stream = stream;
        // Version 1.0; the section's length is not known.
        WriteBlock(SectionHeader, [.. Word(ByteOrderMagic), 1, 0, 0, 0, .. Enumerable.Repeat((byte)0xFF, 8), .. Options(Application, application)]);
        // No limit to the length of packets.
        WriteBlock(InterfaceDescription, [(byte)LinkTypeRaw, 0, 0, 0, .. Word(0), .. Options(InterfaceName, interfaceName)]);
    }

    /// <summary>Writes a packet, and flushes, so that a reader may follow.</summary>
    /// <param name="time">When it was seen.</param>
    /// <param name="packet">Its beginning, from the IP header on.</param>
    /// <param name="originalLength">Bytes that it had.</param>
    /// <param name="comment">What Wireshark shows as the packet's comment.</param>
    public void Write(DateTimeOffset time, ReadOnlySpan<byte> packet, int originalLength, string comment)
    {
        var microseconds = (ulong)((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        WriteBlock(
            EnhancedPacket,
            [
                .. Word(0), .. Word((uint)(microseconds >> 32)), .. Word((uint)microseconds),
                .. Word((uint)packet.Length), .. Word((uint)originalLength),
                .. packet, .. Padding(packet.Length), .. Options(Comment, comment),
            ]);
        _stream.Flush();
    }

    public void Dispose() => _stream.Dispose();

    private void WriteBlock(uint type, ReadOnlySpan<byte> body)
    {
        // Type, length, body and the length once more.
        var length = Word((uint)(body.Length + 12));
        _stream.Write(Word(type));
        _stream.Write(length);
        _stream.Write(body);
        _stream.Write(length);
    }

    private static byte[] Options(ushort code, string text)
    {
        var value = Encoding.UTF8.GetBytes(text);
        return [.. Half(code), .. Half((ushort)value.Length), .. value, .. Padding(value.Length), .. Half(EndOfOptions), 0, 0];
    }

    private static byte[] Padding(int length) => new byte[-length & 3];

    private static byte[] Word(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Half(ushort value) => [(byte)value, (byte)(value >> 8)];
}
