namespace Middlebox.Appliance.Host;

/// <summary>How a tool ended. The exit code is -1 if it could not be started or did not end.</summary>
public sealed record ToolResult(IReadOnlyList<string> Command, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>This result, if the tool succeeded.</summary>
    /// <exception cref="HostSetupException">It did not.</exception>
    public ToolResult OrThrow() =>
        Succeeded ? this : throw new HostSetupException($"'{string.Join(' ', Command)}' failed: {Error}");
}
