using System.Diagnostics;

namespace Middlebox.Testing;

/// <summary>FIFOs, at which whoever opens one in the ordinary way waits for ever.</summary>
public static class Fifo
{
    /// <summary>Makes one to which nobody writes.</summary>
    public static string Make(string path)
    {
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        return process.ExitCode == 0 ? path : throw new InvalidOperationException($"mkfifo {path}");
    }
}
