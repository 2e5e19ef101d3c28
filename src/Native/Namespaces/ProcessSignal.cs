namespace Middlebox.Native.Namespaces;

/// <summary>The signals that are sent to processes, numbered as in signal(7).</summary>
public enum ProcessSignal
{
    /// <summary>SIGHUP: the appliance reads its configuration again.</summary>
    HangUp = 1,

    /// <summary>SIGKILL: the process ends at once and can clean nothing up.</summary>
    Kill = 9,

    /// <summary>SIGUSR1: nothing in the appliance handles it, so it ends the process as a fault of its own would.</summary>
    User1 = 10,

    /// <summary>SIGTERM: the process is asked to end.</summary>
    Terminate = 15,

    /// <summary>SIGCONT: the process goes on.</summary>
    Continue = 18,

    /// <summary>SIGSTOP: the process stands still, and keeps all that it has.</summary>
    Stop = 19,
}
