using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Middlebox.Lab.Topologies;

/// <summary>How fast a link end sends.</summary>
/// <param name="BitsPerSecond">At least 8000: the kernel counts in bytes and a slower link carries no TCP.</param>
public readonly partial record struct LinkRate(long BitsPerSecond)
{
    private const long Smallest = 8_000;
    private const long Largest = 100_000_000_000;

    private static readonly (string Unit, long Factor)[] Units =
        [("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1_000), ("bit", 1)];

    /// <summary>Reads a number and a unit as tc(8) writes them: <c>50mbit</c>, <c>1.5gbit</c>, <c>800kbit</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out LinkRate rate)
    {
        rate = default;
        var match = Pattern().Match(text ?? "");
        if (!match.Success)
            return false;
        var factor = Units.Single(unit => unit.Unit == match.Groups["unit"].Value).Factor;
        var bits = decimal.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * factor;
        if (bits is < Smallest or > Largest)
            return false;
        rate = new LinkRate((long)bits);
        return true;
    }

    public override string ToString()
    {
        var bits = BitsPerSecond;
        var (unit, factor) = Units.First(unit => bits >= unit.Factor);
        return string.Create(CultureInfo.InvariantCulture, $"{(decimal)bits / factor:0.###}{unit}");
    }

    [GeneratedRegex("^(?<number>[0-9]{1,12}(\\.[0-9]{1,6})?)(?<unit>[kmg]?bit)$")]
    private static partial Regex Pattern();
}
