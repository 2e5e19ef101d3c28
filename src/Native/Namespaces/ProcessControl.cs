namespace Middlebox.Native.Namespaces;

/// <summary>Signals to processes, and the rights of this one.</summary>
public static class ProcessControl
{
    /// <summary>True when the process runs as root, which namespaces need.</summary>
    public static bool IsRoot => Libc.geteuid() == 0;

    /// <summary>Sends a signal; returns false when the process is already gone or is not ours.</summary>
    public static bool Send(int processId, ProcessSignal signal) => Libc.kill(processId, (int)signal) == 0;

    /// <summary>
    /// Makes this process hear a signal that its parent ignored, as nohup(1) does with SIGHUP: .NET installs no handler for those. To be called
    /// before one is registered.
    /// </summary>
    public static void StopIgnoring(ProcessSignal signal) => _ = Libc.signal((int)signal, Libc.SIG_DFL);
}
