namespace Middlebox.Native.Namespaces;

/// <summary>Signals to processes, and the rights of this one.</summary>
public static class ProcessControl
{
    /// <summary>True when the process runs as root, which namespaces need.</summary>
    public static bool IsRoot => Libc.geteuid() == 0;

    /// <summary>Sends a signal; returns false when the process is already gone or is not ours.</summary>
    public static bool Send(int processId, ProcessSignal signal) => Libc.kill(processId, (int)signal) == 0;
}
