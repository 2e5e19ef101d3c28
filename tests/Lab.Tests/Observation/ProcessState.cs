using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Observation;

/// <summary>Has processes stand still.</summary>
public static class ProcessState
{
    /// <summary>Stops a process (SIGSTOP), and returns when none of its threads runs any more, which takes a moment on a busy machine.</summary>
    public static Task StopAsync(int processId, TimeSpan patience, CancellationToken cancellation)
    {
        ProcessControl.Send(processId, ProcessSignal.Stop);
        return Condition.WaitAsync(
            () => Directory.GetDirectories($"/proc/{processId}/task").All(IsStopped), patience, $"all threads of process {processId} stand still", cancellation);
    }

    // proc_pid_stat(5): the name, which may hold anything, ends at the last bracket; T is stopped.
    private static bool IsStopped(string task)
    {
        var stat = File.ReadAllText(Path.Combine(task, "stat"));
        return stat[stat.LastIndexOf(')') + 2] == 'T';
    }
}
