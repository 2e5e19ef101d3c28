using Middlebox.Bench.Ways;

namespace Middlebox.Bench;

/// <summary>What to measure and for how long.</summary>
public sealed record BenchOptions
{
    /// <value>Names of the figures; default all.</value>
    public IReadOnlyList<string> Figures { get; init; } = [];

    /// <value>How often everything is measured. Default 5; 1 to 100.</value>
    public int Rounds { get; init; } = 5;

    /// <value>Length of one measurement. Default 3 s; whole seconds, 1 to 60.</value>
    public int Seconds { get; init; } = 3;

    /// <value>Whether to leave out the variants that take long. Default false.</value>
    public bool Quick { get; init; }

    /// <value>How HAProxy comes to MPTCP sockets. Default mptcpize(8).</value>
    public HaproxySockets Haproxy { get; init; } = HaproxySockets.Mptcpize;
}
