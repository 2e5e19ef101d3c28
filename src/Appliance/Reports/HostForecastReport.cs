using Middlebox.Interceptor.HostRole;

namespace Middlebox.Appliance.Reports;

/// <summary>How the next connection of the host's own would go.</summary>
/// <param name="Rules">Rules that match its server and port; none: it goes directly.</param>
/// <param name="Proxy">Address and port of the proxy; null if it goes directly.</param>
/// <param name="Protocol">How the proxy is told the server.</param>
public sealed record HostForecastReport(IReadOnlyList<HostRuleReport> Rules, string? Proxy, HostProxyProtocol Protocol)
{
    /// <summary>One sentence.</summary>
    public string Describe() => (Rules, Proxy) switch
    {
        ([], _) => "no rule of HostProxy matches its server and port: it goes directly",
        (_, null) => $"{Rules[0].Describe()} matches, but no proxy is configured for that server: it goes directly",
        _ => $"{string.Join(" or ", Rules.Select(rule => rule.Describe()))} sends it to the proxy at {Proxy}, which is told the server "
            + (Protocol == HostProxyProtocol.Converter ? "in the first bytes (RFC 8803)" : "in the SYN, if the program speaks MPTCP"),
    };
}
