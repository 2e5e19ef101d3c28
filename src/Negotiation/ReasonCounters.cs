namespace Middlebox.Negotiation;

/// <summary>One counter for each <see cref="Reason"/>: written by one thread, read by any without a lock.</summary>
public sealed class ReasonCounters
{
    private static readonly Reason[] Reasons = Enum.GetValues<Reason>();

    private readonly long[] _counts = new long[Reasons.Length];

    public long this[Reason reason] => Volatile.Read(ref _counts[(int)reason]);

    public void Add(Reason reason) => Volatile.Write(ref _counts[(int)reason], _counts[(int)reason] + 1);

    /// <summary>Adds the counts of all reasons that occurred to a sum.</summary>
    public void AddTo(IDictionary<Reason, long> sum)
    {
        foreach (var reason in Reasons)
        {
            if (this[reason] is > 0 and var count)
                sum[reason] = sum.TryGetValue(reason, out var before) ? before + count : count;
        }
    }
}
