namespace Middlebox.Bench.Figures;

/// <summary>A group of measurements that can be asked for by name.</summary>
internal interface IFigure
{
    /// <summary>On the command line.</summary>
    string Name { get; }

    /// <summary>One sentence for people.</summary>
    string Description { get; }

    /// <summary>What it measures.</summary>
    IEnumerable<BenchCase> Cases(BenchOptions options);
}
