using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Figures;

/// <summary>Time from connect() to the first byte back of a client that is 20 ms away: what counts there is round trips.</summary>
internal sealed class DistantFigure : IFigure
{
    // Each takes two round trips, so that one at a time would be few.
    private const int AtATime = 8;

    public string Name => "distant";

    public string Description => "time from connect() to the first byte back over a link with 20 ms each way";

    public IEnumerable<BenchCase> Cases(BenchOptions options) =>
    [
        ConnectionCase.Of(
            "distant", ", client 20 ms away", BenchCase.AllFour, WayName.EndToEndMptcp, AtATime, 0, TimeSpan.FromSeconds(options.Seconds))
            with { Client = "distant" },
    ];
}
