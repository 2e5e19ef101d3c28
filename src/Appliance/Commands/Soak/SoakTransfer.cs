using System.Buffers.Binary;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>What the first bytes of a connection tell the server that is to happen on it.</summary>
/// <param name="Kind">What kind it is.</param>
/// <param name="Up">Bytes towards the server.</param>
/// <param name="Down">Bytes towards the client.</param>
/// <param name="Stream">Where in <see cref="PatternBytes"/> both begin.</param>
internal readonly record struct SoakTransfer(SoakTransferKind Kind, int Up, int Down, int Stream)
{
    public const int HeaderLength = 13;

    public static SoakTransfer Read(ReadOnlySpan<byte> header) => new(
        (SoakTransferKind)header[0],
        BinaryPrimitives.ReadInt32BigEndian(header[1..]),
        BinaryPrimitives.ReadInt32BigEndian(header[5..]),
        BinaryPrimitives.ReadInt32BigEndian(header[9..]));

    public byte[] Write()
    {
        var header = new byte[HeaderLength];
        header[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), Up);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(5), Down);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(9), Stream);
        return header;
    }
}
