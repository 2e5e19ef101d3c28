using Microsoft.Extensions.Logging;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>
/// Looks every few seconds whether the box's rules are still whole, and mends them: an administrator who loads his rule set anew removes
/// them, and connections would pass unproxied from then on. One task; any thread may ask what it has found.
/// </summary>
internal sealed class RulesGuard : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Func<RuleFamily, bool> _areInForce;
    private readonly Action<RuleFamily> _mend;
    private readonly IReadOnlyList<RuleFamily> _families;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeriodicTimer _timer;
    private readonly Task _task;
    private volatile IReadOnlyList<RuleFamily> _missing = [];
    private long _mended;

    /// <param name="areInForce">Whether the rules of a family are whole.</param>
    /// <param name="mend">Installs them again; a <see cref="HostSetupException"/> says why that cannot be.</param>
    /// <param name="families">Whose rules there are to be.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it is told.</param>
    public RulesGuard(
        Func<RuleFamily, bool> areInForce, Action<RuleFamily> mend, IReadOnlyList<RuleFamily> families, TimeProvider time, ILogger logger)
    {
        _areInForce = areInForce;
        _mend = mend;
        _families = families;
        _logger = logger;
        _timer = new PeriodicTimer(Interval, time);
        _task = RunAsync();
    }

    /// <summary>The families whose rules are missing and could not be mended.</summary>
    public IReadOnlyList<RuleFamily> Missing => _missing;

    /// <summary>Times that rules of a family were mended.</summary>
    public long Mended => Volatile.Read(ref _mended);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _timer.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_stop.Token))
                _missing = [.. _families.Where(family => !_areInForce(family) && !TryMend(family))];
        }
        catch (OperationCanceledException)
        {
            // The box is shutting down.
        }
    }

    private bool TryMend(RuleFamily family)
    {
        try
        {
            _mend(family);
            Volatile.Write(ref _mended, _mended + 1);
            HostLog.RulesMended(_logger, family);
            return true;
        }
        catch (HostSetupException failure)
        {
            // Told once, not every five seconds.
            if (!_missing.Contains(family))
                HostLog.RulesNotMended(_logger, family, failure.Message);
            return false;
        }
    }
}
