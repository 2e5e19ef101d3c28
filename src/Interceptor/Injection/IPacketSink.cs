namespace Middlebox.Interceptor.Injection;

/// <summary>Takes whole IP packets. The seam that lets packet handling be tested without a network.</summary>
public interface IPacketSink
{
    /// <summary>False if the packet was not taken.</summary>
    bool TrySend(ReadOnlySpan<byte> packet);
}
