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
    /// <param name="connection">Client and server.</param>
    /// <param name="isOwn">Whether an address is on this host.</param>
    /// <returns>Null if it is no connection of this host's, or none of its connections go over a proxy.</returns>
    public static HostForecastReport? Of(HostProxyOptions options, in FlowKey connection, Func<string, bool> isOwn)
    {
        if (options.Proxies.Count == 0 || !isOwn(connection.Client.Address.ToString()))
            return null;
        var server = connection.Server;
        var rules = options.Rules
            .Select((rule, number) => (Rule: rule, Path: $"{MiddleboxOptions.Section}:{nameof(MiddleboxOptions.HostProxy)}:{nameof(options.Rules)}:{number}"))
            .Where(entry => AddressPrefix.Parse(entry.Rule.Server).Contains(server.Address) && PortSet.Parse(entry.Rule.Ports).Contains(server.Port))
            .Select(entry => new HostRuleReport(entry.Path, entry.Rule.User, entry.Rule.Cgroup))
            .ToList();
        return new HostForecastReport(rules, rules.Count == 0 ? null : new HostProxies(options).Find(server)?.ToString(), options.Protocol);
    }
}
