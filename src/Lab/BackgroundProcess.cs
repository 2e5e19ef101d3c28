using System.Diagnostics;
using Middlebox.Lab.Running;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab;

/// <summary>A program that runs in a host of a lab until it ends by itself, is ended, or the lab goes down.</summary>
public sealed class BackgroundProcess : IDisposable
{
    // All of these replace themselves by the next one, so the process id is the program's from the beginning. A session
    // of its own keeps the terminal's Ctrl-C away from it, and a log file instead of pipes lets it outlive us.
    private const string Redirect = "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1";

    private readonly Process _process;

    private BackgroundProcess(Process process, string logPath)
    {
        _process = process;
        LogPath = logPath;
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>The file that takes standard output and standard error.</summary>
    public string LogPath { get; }

    /// <summary>True once the program has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>How the program ended; 128 + N for signal N.</summary>
    /// <exception cref="InvalidOperationException">It has not ended.</exception>
    public int ExitCode => _process.ExitCode;

    /// <summary>Everything the program has written until now.</summary>
    public string ReadLog() => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    /// <summary>Sends a signal; does nothing when the program has ended.</summary>
    public void Signal(ProcessSignal signal)
    {
        if (!_process.HasExited)
            ProcessControl.Send(_process.Id, signal);
    }

    /// <summary>Waits for the end of the program and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation = default)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Kills the program if it still runs.</summary>
    public void Dispose()
    {
        Signal(ProcessSignal.Kill);
        _process.Dispose();
    }

    internal static BackgroundProcess Start(
        string networkNamespace,
        IReadOnlyList<string> command,
        string logPath,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("ip",
            ["netns", "exec", networkNamespace, "setsid", "sh", "-c", Redirect, "sh", logPath, .. command]);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new BackgroundProcess(ProcessRunner.Start(start), logPath);
    }
}
