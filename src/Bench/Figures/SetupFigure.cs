using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Figures;

/// <summary>Time from connect() to the first byte back, one connection at a time.</summary>
internal sealed class SetupFigure : IFigure
{
    public string Name => "setup";

    public string Description => "time from connect() to the first byte back, one connection at a time";

    public IEnumerable<BenchCase> Cases(BenchOptions options) =>
        [ConnectionCase.Of("setup", ", one at a time", BenchCase.AllFour, WayName.Haproxy, 1, 0, TimeSpan.FromSeconds(options.Seconds))];
}
