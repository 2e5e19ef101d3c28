using System.CommandLine;
using System.Globalization;

namespace Middlebox.Appliance.Commands;

/// <summary>The bounds of an option that says for how many minutes a command runs.</summary>
internal static class MinutesRange
{
    /// <summary>Refuses what is not above 0 or is above <paramref name="most"/>.</summary>
    public static void Require(Option<double> option, double most) => option.Validators.Add(result =>
    {
        // What is no number has been refused before; asking for the value would throw.
        if (result.Tokens is [var token]
            && double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes)
            && !(minutes > 0 && minutes <= most))
            result.AddError($"{option.Name} {token.Value}: use a number above 0, at most {most}.");
    });
}
