namespace Middlebox.ProxyEngine.Survival;

/// <summary>
/// How far one direction of a flow has come. Bytes are sent while they still wait in the source's socket, and consumed afterwards, so there are
/// never fewer sent than consumed, and every byte that is not sent yet is still in the kernel.
/// </summary>
internal struct DirectionRecord
{
    /// <summary>Bytes given to the sink.</summary>
    public long Sent;

    /// <summary>Bytes taken off the source.</summary>
    public long Consumed;
}
