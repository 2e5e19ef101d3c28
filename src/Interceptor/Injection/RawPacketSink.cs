using Middlebox.Native;

namespace Middlebox.Interceptor.Injection;

/// <summary>Sends packets on their way through a raw socket.</summary>
/// <param name="mark">The mark that the packets carry.</param>
internal sealed class RawPacketSink(uint mark) : IPacketSink, IDisposable
{
    private readonly RawPacketSocket _socket = new(mark);

    public bool TrySend(ReadOnlySpan<byte> packet) => _socket.Send(packet) == Errno.None;

    public void Dispose() => _socket.Dispose();
}
