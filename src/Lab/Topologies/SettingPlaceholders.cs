using System.Text.RegularExpressions;

namespace Middlebox.Lab.Topologies;

/// <summary>Words in braces in a box's settings, for what only the running lab knows.</summary>
internal static partial class SettingPlaceholders
{
    /// <summary>The path of the lab's file of claim keys, which it makes when a box asks for it.</summary>
    public const string ClaimKeys = "{claimKeys}";

    /// <summary>The words of a value that are none.</summary>
    public static IEnumerable<string> UnknownIn(string value) =>
        Placeholder().Matches(value).Select(match => match.Value).Where(found => found != ClaimKeys);

    /// <summary>The value with what the words stand for.</summary>
    public static string Expand(string value, string claimKeyFile) =>
        value.Replace(ClaimKeys, claimKeyFile, StringComparison.Ordinal);

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder();
}
