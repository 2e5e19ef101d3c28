using Microsoft.Extensions.Logging;

namespace Middlebox.Interceptor;

/// <summary>Log messages of the interceptor; ids 1000 to 1999, never used twice.</summary>
internal static partial class InterceptorLog
{
    [LoggerMessage(1000, LogLevel.Critical, "The thread of queue {Queue} failed; its packets pass unproxied")]
    public static partial void PacketThreadFailed(ILogger logger, int queue, Exception failure);
}
