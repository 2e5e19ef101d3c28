namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox:Logs</c>: what is told on standard output - errors on standard error - and how.</summary>
public sealed record LogsOptions
{
    /// <value>Default <c>Auto</c>: <c>Systemd</c> where standard output is the journal's, <c>Text</c> elsewhere; or <c>Json</c>.</value>
    public LogFormat Format { get; init; } = LogFormat.Auto;

    /// <value>The least important events that are told. Default <c>Information</c>; with <c>Debug</c> each connection is, with its addresses.</value>
    public LeastLevel Level { get; init; } = LeastLevel.Information;

    /// <value>Whether events of level Information and above are told without addresses, packets included. Default false.</value>
    public bool Privacy { get; init; }

    /// <value>
    /// Most events of one kind that are told in a second; how many more there were is told after it. Default 10; 1 to 100,000.
    /// </value>
    public int MaxPerSecond { get; init; } = 10;
}
