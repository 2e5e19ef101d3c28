using Middlebox.Fuzzing;

namespace Middlebox.Appliance.Commands.Fuzz;

// One thread for each target, because a target may be caught in a loop: the session sees that from outside, and leaves the thread alone.

/// <summary>Runs targets side by side, tells how far they are, and writes down what is found.</summary>
internal sealed class FuzzSession(string directory, int seed, TimeSpan budget, long mostInputs, TextWriter progress)
{
    /// <summary>An input that takes longer is a finding: the slowest ones take some milliseconds.</summary>
    public static readonly TimeSpan LongestInput = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Runs them all.</summary>
    public async Task<IReadOnlyList<FuzzReport>> RunAsync(IEnumerable<FuzzTargetKind> targets, CancellationToken cancellation)
    {
        var runs = targets.Select(target => Start(target, cancellation)).ToList();
        var remaining = runs.ConvertAll(run => (Task)run.Ended);
        while (remaining.Count > 0)
        {
            await Task.WhenAny(Task.WhenAll(remaining), Task.Delay(Interval, CancellationToken.None));
            remaining.RemoveAll(task => task.IsCompleted);
            foreach (var (fuzzer, _) in runs.Where(run => !run.Ended.IsCompleted))
            {
                if (fuzzer.Current.Elapsed > LongestInput)
                    return [.. runs.Select(run => run.Ended.IsCompleted ? run.Ended.Result : Unended(run.Fuzzer))];
                await progress.WriteLineAsync($"{fuzzer.Target}: {fuzzer.Inputs} inputs, {fuzzer.Behaviours} behaviours ...");
            }
        }

        return [.. runs.Select(run => run.Ended.Result)];
    }

    private (Fuzzer Fuzzer, Task<FuzzReport> Ended) Start(FuzzTargetKind kind, CancellationToken cancellation)
    {
        var target = kind.Create();
        var fuzzer = new Fuzzer(kind.Name, target, [.. FuzzCorpus.Shipped(kind.Name), .. FuzzCorpus.In(directory, kind.Name)], seed);
        return (fuzzer, Task.Factory.StartNew(
            () =>
            {
                using var owner = target as IDisposable;
                var finding = fuzzer.Run(budget, cancellation, mostInputs);
                return Report(fuzzer, finding);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
    }

    private FuzzReport Unended(Fuzzer fuzzer)
    {
        var (input, elapsed) = fuzzer.Current;
        return Report(fuzzer, elapsed > LongestInput ? new FuzzFinding(fuzzer.Target, input, $"it has not ended within {LongestInput.TotalSeconds:0} s") : null);
    }

    private FuzzReport Report(Fuzzer fuzzer, FuzzFinding? finding) => new(
        fuzzer.Target,
        seed,
        fuzzer.Inputs,
        fuzzer.Behaviours,
        finding?.Problem,
        finding is null ? null : FuzzCorpus.Write(directory, fuzzer.Target, finding.Input));
}
