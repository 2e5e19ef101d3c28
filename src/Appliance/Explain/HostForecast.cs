using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Explain;

/// <summary>Says how the next connection of this host's own would go, as far as server and port tell: programs' users and control groups are the kernel's to look at.</summary>
internal static class HostForecast
{
    /// <param name="options">The section in force.</param>
    /// <param name="server">Where it goes.</param>
    public static HostForecastReport Of(HostProxyOptions options, HostEndpoint server)
    {
        var rules = options.Rules
            .Select((rule, number) => (Rule: rule, Path: $"{MiddleboxOptions.Section}:{nameof(MiddleboxOptions.HostProxy)}:{nameof(options.Rules)}:{number}"))
            .Where(entry => AddressPrefix.Parse(entry.Rule.Server).Contains(server.Address) && PortSet.Parse(entry.Rule.Ports).Contains(server.Port))
            .Select(entry => new HostRuleReport(entry.Path, entry.Rule.User, entry.Rule.Cgroup))
            .ToList();
        return new HostForecastReport(rules, rules.Count == 0 ? null : new HostProxies(options).Find(server)?.ToString(), options.Protocol);
    }
}
