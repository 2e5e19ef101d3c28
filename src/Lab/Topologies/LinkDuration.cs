using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Middlebox.Lab.Topologies;

/// <summary>Reads times of links as people write them: a number and a unit, <c>20ms</c>, <c>1.5s</c>, <c>250us</c>.</summary>
internal static partial class LinkDuration
{
    private static readonly TimeSpan Largest = TimeSpan.FromHours(1);

    /// <summary>False if the text is no such time, or more than an hour.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = default;
        var match = Pattern().Match(text ?? "");
        if (!match.Success)
            return false;
        var number = decimal.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        var ticks = number * match.Groups["unit"].Value switch
        {
            "us" => TimeSpan.TicksPerMicrosecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            _ => TimeSpan.TicksPerSecond,
        };
        if (ticks > Largest.Ticks)
            return false;
        duration = new TimeSpan((long)ticks);
        return true;
    }

    /// <summary>The same notation, in the largest unit of which there is at least one.</summary>
    public static string Format(TimeSpan duration)
    {
        var (number, unit) = duration switch
        {
            { TotalSeconds: >= 1 } => (duration.TotalSeconds, "s"),
            { TotalMilliseconds: >= 1 } => (duration.TotalMilliseconds, "ms"),
            _ => (duration.TotalMicroseconds, "us"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{number:0.######}{unit}");
    }

    [GeneratedRegex("^(?<number>[0-9]{1,9}(\\.[0-9]{1,6})?)(?<unit>us|ms|s)$")]
    private static partial Regex Pattern();
}
