using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct sched_param of sched_setscheduler(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct sched_param(int priority)
{
    public readonly int sched_priority = priority;
}
