using System.Diagnostics;

namespace Middlebox.Lab;

/// <summary>Waits for something to become true: the only way in which labs and their tests wait.</summary>
public static class Condition
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns as soon as a condition holds; asks every 5 ms.</summary>
    /// <param name="holds">Must be cheap; what it throws ends the wait.</param>
    /// <param name="deadline">How long to wait at most.</param>
    /// <param name="what">What is waited for, for the message of the exception.</param>
    /// <param name="cancellation">Ends the wait early.</param>
    /// <exception cref="TimeoutException">The condition did not hold in time.</exception>
    public static Task WaitAsync(
        Func<bool> holds, TimeSpan deadline, string what, CancellationToken cancellation = default) =>
        WaitAsync(() => Task.FromResult(holds()), deadline, what, cancellation);

    /// <inheritdoc cref="WaitAsync(Func{bool}, TimeSpan, string, CancellationToken)"/>
    public static async Task WaitAsync(
        Func<Task<bool>> holds, TimeSpan deadline, string what, CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            if (watch.Elapsed > deadline)
                throw new TimeoutException($"Waited {deadline.TotalSeconds:0.#} s in vain: {what}.");
            await Task.Delay(Interval, cancellation);
        }
    }
}
