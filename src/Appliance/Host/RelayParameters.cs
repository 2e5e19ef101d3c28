using System.Globalization;

namespace Middlebox.Appliance.Host;

/// <summary>Kernel parameters that connections need whose segments are led past the rules, by their names with dots.</summary>
/// <remarks>
/// Connection tracking does not see those segments, and so takes a reset at the end for an old one, and would not translate it; whom it is for judges it in any case. Nor does it
/// see that data are acknowledged, and would forget a silent connection after five minutes instead of five days.
/// </remarks>
internal static class RelayParameters
{
    /// <summary>For how long a connection may be silent at least (RFC 5382 section 5, REQ-5).</summary>
    private const int LeastSilenceSeconds = (2 * 60 * 60) + (4 * 60);

    /// <summary>The parameters to be set, where the kernel has them: connection tracking must be in use.</summary>
    /// <param name="read">The value of a parameter, or null.</param>
    public static IEnumerable<(string Key, string Value)> Of(Func<string, string?> read)
    {
        if (read(Sysctl.ConntrackIgnoresInvalidResets) is not null)
            yield return (Sysctl.ConntrackIgnoresInvalidResets, "1");
        if (Seconds(read(Sysctl.ConntrackEstablished)) is not { } established)
            yield break;
        var wanted = Math.Min(established, LeastSilenceSeconds);
        foreach (var key in new[] { Sysctl.ConntrackUnacknowledged, Sysctl.ConntrackRepeated })
        {
            if (Seconds(read(key)) is { } present && present < wanted)
                yield return (key, wanted.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static long? Seconds(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
}
