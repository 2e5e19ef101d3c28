using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Figures;

/// <summary>What the box costs where it is not needed: MPTCP connections to a capable server, of which it steps out.</summary>
internal sealed class CapableFigure : IFigure
{
    private static readonly WayName[] Ways = [WayName.BoxCapableServer, WayName.EndToEndMptcp];

    public string Name => "capable";

    public string Description => "connections per second to a capable server through the box, against plain forwarding";

    public IEnumerable<BenchCase> Cases(BenchOptions options) =>
        [ConnectionCase.Of("capable", ", capable server", Ways, WayName.EndToEndMptcp, RateFigure.AtATime, 0, TimeSpan.FromSeconds(options.Seconds))];
}
