namespace Middlebox.Appliance.Commands;

/// <summary>Exit codes of every verb.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It was understood and could not be done, or something did not hold.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;
}
