namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox:Control</c>: where the box can be asked what it does.</summary>
public sealed record ControlOptions
{
    /// <summary>Longest path of a socket in the file system, without the final zero (unix(7)).</summary>
    public const int MaximumSocketPathBytes = 107;

    /// <value>Path of the control socket. Default empty: <c>/run/middlebox/NAME.sock</c>. At most 107 bytes, absolute.</value>
    public string Socket { get; init; } = "";

    /// <value>
    /// Group whose members may ask the box, beside its own user: a name in <c>/etc/group</c>, or a number. Default empty: the group that the box runs as.
    /// They see addresses and ports of all connections, may clear what is known of servers, and may have the daemon succeeded by another one under a keeper.
    /// </value>
    public string Group { get; init; } = "";

    /// <value>
    /// Latest decisions remembered for <c>explain</c> and <c>trace</c>, over all queues; each takes some 100 bytes. Default 16,384; 64 to
    /// 1,048,576.
    /// </value>
    public int HistoryLength { get; init; } = 16_384;
}
