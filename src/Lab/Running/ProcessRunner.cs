using System.Diagnostics;

namespace Middlebox.Lab.Running;

/// <summary>Runs a program to its end.</summary>
internal static class ProcessRunner
{
    /// <summary>Runs a program, feeds it and collects what it writes.</summary>
    /// <exception cref="LabException">The program cannot be started.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program has been killed.</exception>
    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> command, string? input = null, CancellationToken cancellation = default)
    {
        using var process = Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await FeedAsync(process, input);
            await process.WaitForExitAsync(cancellation);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="LabException">The program cannot be started.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new LabException($"Cannot start {start.FileName}: {exception.Message}.", exception);
        }
    }

    private static async Task FeedAsync(Process process, string? input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading everything; its exit code and its error output say why.
        }
    }
}
