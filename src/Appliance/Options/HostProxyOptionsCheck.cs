using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Options;

/// <summary>Checks the section about this host's own connections.</summary>
internal static class HostProxyOptionsCheck
{
    // iptables-extensions(8), multiport.
    private const int MostPorts = 15;

    public static void Run(OptionsCheck check, HostProxyOptions options)
    {
        var families = new HashSet<bool>();
        for (var i = 0; i < options.Proxies.Count; i++)
        {
            var isEndpoint = HostEndpoint.TryParse(options.Proxies[i], out var proxy) && proxy.Port.Value > 0;
            check.Require(
                $"{nameof(options.Proxies)}:{i}", isEndpoint,
                $"'{options.Proxies[i]}' must be the proxy's address and port, such as 203.0.113.7:5125 or [2001:db8::7]:5125");
            check.Require(
                $"{nameof(options.Proxies)}:{i}", !isEndpoint || families.Add(proxy.Address.IsIpv4),
                $"'{options.Proxies[i]}' is the second of its address family; there can be one of each");
        }

        check.Require(
            nameof(options.Rules),
            options.Proxies.Count == 0 || options.Rules.Count > 0,
            "are required with Proxies: no connection would go there; a rule without conditions, {}, matches all of this host's");
        for (var i = 0; i < options.Rules.Count; i++)
            CheckRule(check.Section($"{nameof(options.Rules)}:{i}"), options.Rules[i]);
        _ = check.Keys(nameof(options.KeyFile), options.KeyFile);
        check.Require(
            nameof(options.KeyFile), options.KeyFile.Length == 0 || options.Protocol == HostProxyProtocol.Addressed,
            "must be empty with the protocol Converter: RFC 8803 has no place for a tag");
        check.Range(nameof(options.UnansweredSyns), options.UnansweredSyns, 1, 2);
        check.Range(nameof(options.RetryAfter), options.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        check.Range(nameof(options.MaxPending), options.MaxPending, 1, 1_000_000);
    }

    private static void CheckRule(OptionsCheck check, HostProxyRuleOptions rule)
    {
        check.Prefix(nameof(rule.Server), rule.Server);
        check.Require(
            nameof(rule.Ports),
            PortSet.TryParse(rule.Ports, out _) && rule.Ports.Split(',', '-').Length <= MostPorts,
            $"'{rule.Ports}' is no set of at most {MostPorts} ports; write any, or ports and ranges such as 80,443,8000-8999, of which a range counts twice");
        // They are written into rules, so nothing that a rule could mean otherwise.
        if (rule.User.Length > 0)
            check.Name(nameof(rule.User), rule.User, 32);
        check.Require(
            nameof(rule.Cgroup),
            rule.Cgroup.Length <= 255 && rule.Cgroup.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '@' or ':')
            && !rule.Cgroup.StartsWith('/') && !rule.Cgroup.StartsWith('-'),
            $"'{rule.Cgroup}' is no path of a control group below the root, such as user.slice");
    }
}
