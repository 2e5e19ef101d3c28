namespace Middlebox.Fuzzing.Oracles;

/// <summary>What a call allocates on the managed heap.</summary>
internal static class Allocation
{
    /// <summary>Bytes that the call allocates when it is made again: the first one may have to prepare what it needs.</summary>
    public static long Of(Func<bool> call)
    {
        call();
        var before = GC.GetAllocatedBytesForCurrentThread();
        call();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
