namespace Middlebox.Native;

/// <summary>How punctually the kernel wakes a thread.</summary>
public static class ThreadTiming
{
    private const int PR_SET_TIMERSLACK = 29;
    private const int SCHED_FIFO = 1;
    private const int LowestRealTimePriority = 1;

    /// <summary>
    /// Lets the calling thread wake at the time that it has asked for (prctl(2), PR_SET_TIMERSLACK), and before all threads of ordinary priority
    /// (sched(7), SCHED_FIFO). For threads that sleep most of the time.
    /// </summary>
    /// <returns>False if the kernel grants no real-time priority: the thread is late when all processors are busy.</returns>
    public static bool TryBePunctual()
    {
        const nuint Nanosecond = 1;
        _ = Libc.prctl(PR_SET_TIMERSLACK, Nanosecond);
        var param = new sched_param(LowestRealTimePriority);
        return Libc.sched_setscheduler(0, SCHED_FIFO, in param) == 0;
    }
}
