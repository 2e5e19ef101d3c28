namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox:Control</c>: where the box can be asked what it does.</summary>
public sealed record ControlOptions
{
    /// <summary>Longest path of a socket in the file system, without the final zero (unix(7)).</summary>
    public const int MaximumSocketPathBytes = 107;

    /// <value>Path of the control socket. Default empty: <c>/run/middlebox/NAME.sock</c>. At most 107 bytes, absolute.</value>
    public string Socket { get; init; } = "";

    /// <value>
    /// Latest decisions remembered for <c>explain</c> and <c>trace</c>, over all queues; each takes some 100 bytes. Default 16,384; 64 to
    /// 1,048,576.
    /// </value>
    public int HistoryLength { get; init; } = 16_384;
}
