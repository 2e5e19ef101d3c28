using System.CommandLine;
using System.Globalization;

namespace Middlebox.Appliance.Commands;

/// <summary>The bounds of an option that says how long something may last.</summary>
internal static class DurationRange
{
    /// <summary>Refuses what is not above 0 or is above <paramref name="most"/>.</summary>
    public static void Require(Option<double> option, double most) => option.Validators.Add(result =>
    {
        // What is no number has been refused before; asking for the value would throw.
        if (result.Tokens is [var token]
            && double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var duration)
            && !(duration > 0 && duration <= most))
            result.AddError($"{option.Name} {token.Value}: use a number above 0, at most {most}.");
    });
}
