using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Figures;

/// <summary>Short connections, 16 at once, alone and while many others are open and silent; and what they cost the proxy.</summary>
internal sealed class RateFigure : IFigure
{
    /// <summary>Connections in flight.</summary>
    internal const int AtATime = 16;

    private static readonly int[] Held = [0, 100, 1000, 5000];
    private static readonly int[] QuickHeld = [0, 1000];

    public string Name => "rate";

    public string Description =>
        "connections per second (connect, 1 byte each way, close; 16 at once) with 0 to 5,000 others open, and processor time";

    public IEnumerable<BenchCase> Cases(BenchOptions options) =>
        (options.Quick ? QuickHeld : Held).Select(held => ConnectionCase.Of(
            $"rate.{held}",
            held == 0 ? "" : $", {held:N0} others open",
            BenchCase.AllFour,
            WayName.Haproxy,
            AtATime,
            held,
            TimeSpan.FromSeconds(options.Seconds)));
}
