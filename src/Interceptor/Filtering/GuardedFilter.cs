using Microsoft.Extensions.Logging;

namespace Middlebox.Interceptor.Filtering;

/// <summary>A filter that no packet can end, whatever is in it: one that the code trips over passes as it was, is counted and, the first time, logged.</summary>
/// <param name="filter">What is done to every packet.</param>
/// <param name="queue">Number of the queue, for the log.</param>
/// <param name="count">Called for each such packet.</param>
/// <param name="logger">The log.</param>
internal sealed class GuardedFilter(PacketFilter filter, ushort queue, Action count, ILogger logger)
{
    private byte[] _packet = [];
    private bool _hasFailed;

    /// <summary><see cref="PacketFilter"/>.</summary>
    public int Handle(Span<byte> buffer, int length)
    {
        if (_packet.Length < length)
            _packet = new byte[buffer.Length];
        buffer[..length].CopyTo(_packet);
        try
        {
            return filter(buffer, length);
        }
        catch (Exception failure)
        {
            count();
            if (!_hasFailed)
                InterceptorLog.PacketFailed(logger, queue, Convert.ToHexString(_packet, 0, length), failure);
            _hasFailed = true;
            _packet.AsSpan(0, length).CopyTo(buffer);
            return length;
        }
    }
}
