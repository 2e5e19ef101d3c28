namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>How many of something there must be.</summary>
internal readonly record struct CountRange(long Least, long Most)
{
    public static CountRange Exactly(long count) => new(count, count);

    public bool Contains(long count) => count >= Least && count <= Most;

    public override string ToString() => Least == Most ? $"{Least}" : $"{Least} to {Most}";
}
