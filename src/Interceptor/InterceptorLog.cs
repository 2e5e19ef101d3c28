using Microsoft.Extensions.Logging;

namespace Middlebox.Interceptor;

/// <summary>Log messages of the interceptor; ids 1000 to 1999, never used twice.</summary>
internal static partial class InterceptorLog
{
    [LoggerMessage(1000, LogLevel.Critical, "The thread of queue {Queue} failed; its packets pass unproxied")]
    public static partial void PacketThreadFailed(ILogger logger, int queue, Exception failure);

    [LoggerMessage(1001, LogLevel.Error, "A packet of queue {Queue} passes because handling it failed; please report it: {Packet}")]
    public static partial void PacketFailed(ILogger logger, int queue, string packet, Exception failure);
}
