namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox:Control</c>: where the box can be asked what it does.</summary>
public sealed record ControlOptions
{
    /// <summary>Longest path of a socket in the file system, without the final zero (unix(7)).</summary>
    public const int MaximumSocketPathBytes = 107;

    /// <value>Path of the control socket. Default empty: <c>/run/middlebox/NAME.sock</c>. At most 107 bytes, absolute.</value>
    public string Socket { get; init; } = "";
}
