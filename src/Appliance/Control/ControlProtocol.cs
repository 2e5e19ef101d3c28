namespace Middlebox.Appliance.Control;

/// <summary>
/// The control socket's protocol: the client sends one line, the box answers with JSON and closes. An answer to a line that
/// is no request is <c>{"error": "..."}</c>. A request is a verb and, behind a blank, its words. <see cref="Trace"/> is answered with one
/// line of JSON after the other until the client hangs up.
/// </summary>
internal static class ControlProtocol
{
    public const string Status = "status";
    public const string Flows = "flows";

    /// <summary>Servers of clients without MPTCP.</summary>
    public const string Servers = "servers";

    /// <summary>Forgets all of those.</summary>
    public const string ClearServers = "servers clear";

    /// <summary>Ends the daemon for another one to go on.</summary>
    public const string Upgrade = "upgrade";

    public const string Trace = "trace";
    public const string Explain = "explain";

    /// <summary>Longest request in bytes, with its line feed.</summary>
    public const int MaximumRequestLength = 1024;
}
