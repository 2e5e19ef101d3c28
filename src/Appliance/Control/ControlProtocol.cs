namespace Middlebox.Appliance.Control;

/// <summary>
/// The control socket's protocol: the client sends one line, the box answers with JSON and closes. An answer to a line that
/// is no request is <c>{"error": "..."}</c>.
/// </summary>
internal static class ControlProtocol
{
    public const string Status = "status";
    public const string Flows = "flows";

    /// <summary>Longest request in bytes, with its line feed.</summary>
    public const int MaximumRequestLength = 256;
}
