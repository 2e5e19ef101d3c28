using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Reports;
using Middlebox.Interceptor;
using Middlebox.Native.Namespaces;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.Appliance.Keeper;

/// <summary>
/// Ends the daemon so that the keeper starts another, perhaps of a newer version, which goes on with its connections. New ones pass meanwhile, and
/// handshakes under way are finished before.
/// </summary>
internal sealed class Retirement(
    FlowSurvival survival, PacketInterceptor interceptor, RelayEngine engine, TimeProvider time, ILogger logger)
{
    // A client that answers at all completes its handshake within a round trip, or two with a repetition.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private int _hasBegun;

    /// <summary>Begins it; the process ends some seconds later.</summary>
    public UpgradeReport Begin()
    {
        var isKept = survival.IsShared;
        if (isKept && Interlocked.Exchange(ref _hasBegun, 1) == 0)
            _ = RetireAsync();
        return new UpgradeReport(isKept, engine.ActiveFlows);
    }

    private async Task RetireAsync()
    {
        DaemonLog.Retiring(logger);
        var begun = time.GetTimestamp();
        var settling = interceptor.Retire();
        await Task.Delay(settling, time);
        while (engine.Handshakes > 0 && time.GetElapsedTime(begun) < settling + Patience)
            await Task.Delay(Interval, time);
        survival.Retire();
        // No end in order: that would take everything back, and reset the connections.
        ProcessControl.Send(Environment.ProcessId, ProcessSignal.Kill);
    }
}
