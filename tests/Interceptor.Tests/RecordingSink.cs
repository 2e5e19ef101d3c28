using Middlebox.Interceptor.Injection;

namespace Middlebox.Interceptor.Tests;

/// <summary>Keeps what is sent, or refuses it.</summary>
internal sealed class RecordingSink : IPacketSink
{
    public List<byte[]> Packets { get; } = [];

    public bool Refuses { get; set; }

    public bool TrySend(ReadOnlySpan<byte> packet)
    {
        if (Refuses)
            return false;
        Packets.Add(packet.ToArray());
        return true;
    }
}
