namespace Middlebox.Appliance.Host;

/// <summary>One finding of the self-check.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">How to mend it; empty when there is nothing to mend.</param>
public sealed record Finding(Severity Severity, string Subject, string Detail, string Remedy = "")
{
    public override string ToString()
    {
        var mark = Severity switch
        {
            Severity.Good => "[ok]     ",
            Severity.Warning => "[warning]",
            _ => "[missing]",
        };
        return $"{mark} {Subject}: {Detail}{(Remedy.Length > 0 ? $". {Remedy}" : "")}";
    }
}
