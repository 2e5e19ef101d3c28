namespace Middlebox.Appliance.Host;

/// <summary>How much a finding of the self-check matters.</summary>
public enum Severity
{
    Good,

    /// <summary>The box runs, but something will not work as its operator may expect.</summary>
    Warning,

    /// <summary>The box cannot run.</summary>
    Missing,
}
