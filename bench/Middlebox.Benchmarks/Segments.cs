using System.Buffers.Binary;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Benchmarks;

/// <summary>SYNs of many clients to one server.</summary>
internal static class Segments
{
    public const string Client = "198.18.1.2:40000";
    public const string Server = "198.18.9.2:80";

    private const int SourceAddressOffset = 12;
    private const int SourcePortOffset = 20;
    private const int SequenceOffset = 24;
    private const int PortsPerAddress = 50_000;
    private const int FirstPort = 10_000;
    private const uint FirstAddress = 0x0A000001;

    public static byte[] Syn() => PacketBuilder.LinuxMptcpSyn(Client, Server).Isn(1).Build();

    /// <summary>Makes a SYN over IPv4 come from another client. Its checksums are no longer right; who decides does not look.</summary>
    public static void SetClient(Span<byte> syn, int index)
    {
        BinaryPrimitives.WriteUInt32BigEndian(syn[SourceAddressOffset..], FirstAddress + (uint)(index / PortsPerAddress));
        BinaryPrimitives.WriteUInt16BigEndian(syn[SourcePortOffset..], (ushort)(FirstPort + (index % PortsPerAddress)));
    }

    /// <summary>Makes a SYN over IPv4 that of another attempt.</summary>
    public static void SetIsn(Span<byte> syn, uint isn) => BinaryPrimitives.WriteUInt32BigEndian(syn[SequenceOffset..], isn);

    /// <summary>SYNs of clients spread over the whole range, in no order.</summary>
    public static byte[][] Spread(int clients, int count)
    {
        var random = new Random(1);
        var syns = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            syns[i] = Syn();
            SetClient(syns[i], random.Next(clients));
        }

        return syns;
    }

    public static TcpPacket Read(ReadOnlySpan<byte> packet) =>
        TcpPacket.Read(packet, out var segment) == PacketDefect.None
            ? segment
            : throw new InvalidOperationException("The packet of the benchmark is none.");
}
