namespace Middlebox.Bench.Figures;

/// <summary>The figures that can be asked for, in the order in which they are measured.</summary>
public static class FigureCatalogue
{
    /// <summary>Names and what each measures.</summary>
    public static IReadOnlyDictionary<string, string> Descriptions { get; } =
        All.ToDictionary(figure => figure.Name, figure => figure.Description);

    internal static IReadOnlyList<IFigure> Select(IReadOnlyList<string> names) =>
        names.Count == 0 ? All : [.. All.Where(figure => names.Contains(figure.Name))];

    private static IReadOnlyList<IFigure> All =>
    [
        new BulkFigure(), new PingPongFigure(), new SetupFigure(), new DistantFigure(), new RateFigure(), new CapableFigure(), new ForeignFigure(),
        new MemoryFigure(), new SynFigure(),
    ];
}
