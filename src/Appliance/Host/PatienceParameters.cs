using System.Globalization;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Host;

/// <summary>
/// The kernel's parameters of how long it waits: for a client to come back, and until it repeats what was lost. Where an option has the kernel's own value, the
/// host is left as it is.
/// </summary>
internal static class PatienceParameters
{
    // The kernel gives up after so many repeats, 924.6 s by default: with shorter waits it takes more of them, of which it counts 255.
    private const double PatienceSeconds = 924.6;
    private const double MostRepeats = 255;

    private static readonly ProxyEngineOptions Kernel = new();

    /// <summary>The parameters to set, by their names, in their order.</summary>
    public static IEnumerable<(string Key, string Value)> Of(ProxyEngineOptions options)
    {
        yield return (Sysctl.MptcpCloseTimeout, Whole(options.ClientAbsence.TotalSeconds));
        var longest = options.LongestRetransmissionTimeout;
        if (longest != Kernel.LongestRetransmissionTimeout)
        {
            yield return (Sysctl.TcpRetries, Whole(Math.Min(MostRepeats, PatienceSeconds / longest.TotalSeconds)));
            yield return (Sysctl.TcpLongestTimeout, Whole(longest.TotalMilliseconds));
        }

        if (options.StaleAfterSilences != Kernel.StaleAfterSilences)
            yield return (Sysctl.MptcpStaleLosses, Whole(options.StaleAfterSilences));
    }

    private static string Whole(double number) => Math.Ceiling(number).ToString("0", CultureInfo.InvariantCulture);
}
