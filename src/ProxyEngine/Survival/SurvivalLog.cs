using Microsoft.Extensions.Logging;
using Middlebox.Native;

namespace Middlebox.ProxyEngine.Survival;

/// <summary>What is logged about surviving.</summary>
internal static partial class SurvivalLog
{
    [LoggerMessage(3010, LogLevel.Error, "The keeper is gone ({Error}): if this process dies now, its connections are reset")]
    public static partial void KeeperLost(ILogger logger, Errno error);

    [LoggerMessage(3011, LogLevel.Error, "The daemon before kept its records in another way: {Count} connections are reset")]
    public static partial void Forgotten(ILogger logger, int count);

    [LoggerMessage(3012, LogLevel.Warning, "Going on with {Count} connections of the daemon before")]
    public static partial void TakenOver(ILogger logger, int count);
}
