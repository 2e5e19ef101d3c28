using System.Runtime.CompilerServices;

namespace Middlebox.Negotiation;

/// <summary>One counter for each value of an enumeration: written by one thread, read by any without a lock.</summary>
/// <typeparam name="T">An enumeration of type byte, whose values begin at 0 and leave none out.</typeparam>
public sealed class EventCounters<T>
    where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();

    private readonly long[] _counts = new long[Values.Length];

    public long this[T value] => Volatile.Read(ref _counts[IndexOf(value)]);

    public void Add(T value)
    {
        ref var count = ref _counts[IndexOf(value)];
        Volatile.Write(ref count, count + 1);
    }

    /// <summary>The counts of all that has occurred.</summary>
    public IReadOnlyDictionary<T, long> Occurred()
    {
        var occurred = new Dictionary<T, long>();
        AddTo(occurred);
        return occurred;
    }

    /// <summary>Adds the counts of all that has occurred to a sum.</summary>
    public void AddTo(IDictionary<T, long> sum)
    {
        foreach (var value in Values)
        {
            if (this[value] is > 0 and var count)
                sum[value] = sum.TryGetValue(value, out var before) ? before + count : count;
        }
    }

    // Without boxing, because packet threads count.
    private static int IndexOf(T value) => Unsafe.BitCast<T, byte>(value);
}
