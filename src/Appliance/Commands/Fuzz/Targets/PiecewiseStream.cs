namespace Middlebox.Appliance.Commands.Fuzz.Targets;

/// <summary>Bytes that come a few at a time, as over a slow link.</summary>
internal sealed class PiecewiseStream(byte[] bytes, int pieceLength) : MemoryStream(bytes, writable: false)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, Math.Max(1, pieceLength))], cancellationToken);
}
