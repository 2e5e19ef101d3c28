namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox:Dashboard</c>: the page that shows in a browser what the box does.</summary>
public sealed record DashboardOptions
{
    /// <value>
    /// Address and port of the page, read-only, over HTTP. Default <c>127.0.0.1:9465</c>, for this host alone (from elsewhere: <c>ssh -L</c>); empty: off.
    /// An address that others reach requires a <see cref="TokenFile"/>, and HTTP hides neither it nor the page from who can read the network.
    /// </value>
    public string Endpoint { get; init; } = "127.0.0.1:9465";

    /// <value>
    /// Path of a file with the token that the page asks for: one line of 16 to 256 visible ASCII characters, readable by its owner only. Default empty: none.
    /// Read once, at the start.
    /// </value>
    public string TokenFile { get; init; } = "";
}
