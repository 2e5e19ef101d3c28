using System.ComponentModel;
using System.Diagnostics;

namespace Middlebox.Appliance.Host;

/// <summary>Runs the system's own tools - ip, iptables-restore - to their end.</summary>
public static class Tool
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs a tool with its input, without a shell.</summary>
    /// <param name="command">Name and arguments.</param>
    /// <param name="input">Standard input; empty if null.</param>
    public static ToolResult Run(IReadOnlyList<string> command, string? input = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            // Disposing of a process leaves its pipes to the finalizer.
            using var outputPipe = process.StandardOutput;
            using var errorPipe = process.StandardError;
            var output = outputPipe.ReadToEndAsync();
            var error = errorPipe.ReadToEndAsync();
            Feed(process, input);
            if (!process.WaitForExit(Timeout))
            {
                process.Kill();
                return new ToolResult(command, -1, "", $"no end within {Timeout.TotalSeconds:0} s");
            }

            return new ToolResult(command, process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult().Trim());
        }
        catch (Win32Exception failure)
        {
            return new ToolResult(command, -1, "", failure.Message);
        }
    }

    private static void Feed(Process process, string? input)
    {
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The tool has ended without reading; its exit code tells why.
        }
    }
}
