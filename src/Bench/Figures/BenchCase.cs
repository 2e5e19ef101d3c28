using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Figures;

/// <summary>One measurement that is made on several ways in turns.</summary>
/// <param name="Title">For the progress.</param>
/// <param name="Ways">The ways, the one of interest first.</param>
/// <param name="Reference">The way that ratios refer to.</param>
/// <param name="RunAsync">Measures one way once.</param>
internal sealed record BenchCase(
    string Title,
    IReadOnlyList<WayName> Ways,
    WayName Reference,
    Func<BenchNetwork, Way, CancellationToken, Task<CaseOutcome>> RunAsync)
{
    /// <summary>The four ways on which an MPTCP client can reach a server.</summary>
    public static IReadOnlyList<WayName> AllFour { get; } =
        [WayName.Box, WayName.Haproxy, WayName.PlainTcp, WayName.EndToEndMptcp];

    /// <summary>The host from which the load comes, see <see cref="Way.Client"/>. Default: client.</summary>
    public string Client { get; init; } = "client";

    /// <summary>Whether a proxy must be started anew before the run, and again after it. Default: false.</summary>
    public bool FreshProxy { get; init; }
}
