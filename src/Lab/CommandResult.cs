namespace Middlebox.Lab;

/// <summary>What a command left behind.</summary>
/// <param name="ExitCode">128 + N when signal N ended it.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>The standard output, where the command must have succeeded.</summary>
    /// <exception cref="LabException">It did not; the message holds its standard error.</exception>
    public string RequireSuccess() => ExitCode == 0
        ? Output
        : throw new LabException($"The command ended with code {ExitCode}: {(Error.Length > 0 ? Error : Output).Trim()}");
}
