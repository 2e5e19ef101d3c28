using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Options;

/// <summary>Checks every value of the configuration against the limits that its declaration states, and reports all faults.</summary>
public sealed class MiddleboxOptionsValidator : IValidateOptions<MiddleboxOptions>
{
    public ValidateOptionsResult Validate(string? name, MiddleboxOptions options)
    {
        var errors = Check(options).Select(error => error.ToString()).ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>All faults, with the paths of the keys.</summary>
    public static IReadOnlyList<ConfigurationError> Check(MiddleboxOptions options)
    {
        var check = new OptionsCheck(MiddleboxOptions.Section);
        check.Name(nameof(options.Name), options.Name, 32);
        check.Range(nameof(options.StopPatience), options.StopPatience, TimeSpan.Zero, TimeSpan.FromDays(1));
        check.Section(nameof(options.Logs)).Range(nameof(options.Logs.MaxPerSecond), options.Logs.MaxPerSecond, 1, 100_000);
        if (options.Mode == NegotiationMode.Explicit)
            CheckExplicit(check.Section(nameof(options.Explicit)), options.Explicit);
        CheckControl(check.Section(nameof(options.Control)), options.Control);
        CheckMetrics(check.Section(nameof(options.Metrics)), options.Metrics);
        CheckDashboard(check.Section(nameof(options.Dashboard)), options.Dashboard);
        CheckPolicy(check.Section(nameof(options.Policy)), options.Policy);
        CheckInterceptor(check.Section(nameof(options.Interceptor)), options.Interceptor);
        CheckQueuesOfTranslation(check.Section(nameof(options.Interceptor)), options);
        CheckNegotiation(check.Section(nameof(options.Negotiation)), options.Negotiation);
        CheckProxyEngine(check.Section(nameof(options.ProxyEngine)), options.ProxyEngine);
        ConverterOptionsCheck.Run(check.Section(nameof(options.Converter)), options.Converter);
        AddressedOptionsCheck.Run(check.Section(nameof(options.Addressed)), options.Addressed);
        HostProxyOptionsCheck.Run(check.Section(nameof(options.HostProxy)), options.HostProxy);
        return check.Errors;
    }

    private static void CheckControl(OptionsCheck check, ControlOptions options)
    {
        check.Require(
            nameof(options.Socket),
            options.Socket.Length == 0
            || (Path.IsPathRooted(options.Socket)
                && Encoding.UTF8.GetByteCount(options.Socket) <= ControlOptions.MaximumSocketPathBytes),
            $"'{options.Socket}' must be an absolute path of at most {ControlOptions.MaximumSocketPathBytes} bytes");
        check.Require(
            nameof(options.Group),
            options.Group.Length == 0 || UserGroup.TryFind(options.Group, out _),
            $"there is no group '{options.Group}' on this machine; create it with groupadd, or write another");
        check.Range(nameof(options.HistoryLength), options.HistoryLength, 64, 1_048_576);
    }

    private static void CheckMetrics(OptionsCheck check, MetricsOptions options) =>
        CheckEndpoint(check, nameof(options.Endpoint), options.Endpoint);

    private static void CheckDashboard(OptionsCheck check, DashboardOptions options)
    {
        CheckEndpoint(check, nameof(options.Endpoint), options.Endpoint);
        string? problem = null;
        check.Require(
            nameof(options.TokenFile), options.TokenFile.Length == 0 || TokenFile.TryRead(options.TokenFile, out _, out problem), problem ?? "");
        check.Require(
            nameof(options.TokenFile),
            options.TokenFile.Length > 0
            || !HostEndpoint.TryParse(options.Endpoint, out var endpoint)
            || IPAddress.IsLoopback(IPAddress.Parse(endpoint.Address.ToString())),
            $"is required because others than this host reach {options.Endpoint}; name a file with a token");
    }

    private static void CheckEndpoint(OptionsCheck check, string key, string value) =>
        check.Require(
            key,
            value.Length == 0 || (HostEndpoint.TryParse(value, out var endpoint) && endpoint.Port.Value > 0),
            $"'{value}' must be an address and port such as 127.0.0.1:9464 or [::1]:9464, or empty");

    private static void CheckPolicy(OptionsCheck check, PolicyOptions options)
    {
        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            var at = check.Section($"{nameof(options.Rules)}:{i}");
            at.Prefix(nameof(rule.Client), rule.Client);
            at.Prefix(nameof(rule.Server), rule.Server);
            at.Require(
                nameof(rule.Ports),
                PortSet.TryParse(rule.Ports, out _),
                $"'{rule.Ports}' is no set of ports; write any, or ports and ranges such as 80,443,8000-8999");
            at.Require(nameof(rule.Action), rule.Action is not null, "is required: Serve, Defer or Bypass");
            at.Require(
                nameof(rule.UpgradeClients),
                !rule.UpgradeClients || rule.Action is null or PolicyAction.Serve,
                "must be false unless the Action is Serve");
            at.Range(nameof(rule.Share), rule.Share, 0, 1);
            at.Range(nameof(rule.MaxFlows), rule.MaxFlows ?? 1, 1, int.MaxValue);
            at.Range(nameof(rule.MaxNewFlowsPerSecond), rule.MaxNewFlowsPerSecond ?? 1, 1, int.MaxValue);
            at.Range(nameof(rule.Preference), rule.Preference ?? 0, 0, ProxyClaim.HighestPreference);
        }
    }

    private static void CheckExplicit(OptionsCheck check, ExplicitOptions options)
    {
        check.Range(nameof(options.ProxyId), options.ProxyId, 1, ushort.MaxValue);
        check.Range(nameof(options.Preference), options.Preference, 0, ProxyClaim.HighestPreference);
        if (options.KeyFile.Length > 0)
        {
            var keys = check.Keys(nameof(options.KeyFile), options.KeyFile);
            check.Require(
                nameof(options.KeyFile),
                keys is null || keys.Proxies.Contains((ushort)options.ProxyId),
                $"'{options.KeyFile}' does not list this box, so nobody could check its claims; add the line: proxy {options.ProxyId}");
        }
        else
        {
            check.Require(
                nameof(options.AcceptUnsigned),
                options.AcceptUnsigned,
                "must be true without a KeyFile: nobody's claims could count otherwise, this box's own included");
        }

        check.Require(
            nameof(options.AcceptUnsigned),
            options.Carrier != ClaimCarrier.CapableBit || options.AcceptUnsigned,
            "must be true with the carrier CapableBit: a bit cannot be signed");
    }

    private static void CheckQueuesOfTranslation(OptionsCheck check, MiddleboxOptions options) => check.Require(
        nameof(options.Interceptor.FirstQueue),
        (options.Addressed.Listen.Count == 0 && options.HostProxy.Proxies.Count == 0)
        || options.Interceptor.FirstQueue + options.Interceptor.Queues + TranslationRules.Queues <= ushort.MaxValue + 1
        || options.Interceptor.FirstQueue + options.Interceptor.Queues > ushort.MaxValue + 1,
        $"{options.Interceptor.FirstQueue} leaves no numbers for the two queues of Addressed and HostProxy behind those of Queues");

    private static void CheckInterceptor(OptionsCheck check, InterceptorOptions options)
    {
        check.Range(nameof(options.Queues), options.Queues, 1, 64);
        check.Range(nameof(options.FirstQueue), options.FirstQueue, 0, ushort.MaxValue + 1 - Math.Clamp(options.Queues, 1, 64));
        check.Range(nameof(options.QueueLength), options.QueueLength, 16, 65_536);
        check.Name(nameof(options.Device), options.Device, 15);
        check.Require(
            nameof(options.MarkMask),
            PacketMarks.TryParse(options.MarkMask, out _),
            $"'{options.MarkMask}' must be hexadecimal with at least two adjacent bits, such as 0x0f000000");
        check.Require(
            nameof(options.RoutingTable),
            options.RoutingTable is > 0 and not (253 or 254 or 255),
            $"{options.RoutingTable} must be 1 or more, and not one of the system's own tables 253 to 255");
        check.Range(nameof(options.RoutingPriority), options.RoutingPriority, 1, 32_765);
    }

    private static void CheckNegotiation(OptionsCheck check, NegotiationOptions options)
    {
        check.Range(nameof(options.MaxContexts), options.MaxContexts, 1, 4_194_304);
        check.Range(nameof(options.MaxHalfOpen), options.MaxHalfOpen, 1, 1_000_000);
        check.Range(nameof(options.MaxContextsPerSource), options.MaxContextsPerSource, 1, 4_194_304);
        check.Range(nameof(options.ServerTimeout), options.ServerTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        check.Range(nameof(options.ClientTimeout), options.ClientTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        check.Range(nameof(options.RepeatsWithMpCapable), options.RepeatsWithMpCapable, 0, 10);
        check.Range(nameof(options.MaxDroppingServers), options.MaxDroppingServers, 0, 1_048_576);
        check.Range(
            nameof(options.DroppingServerLifetime),
            options.DroppingServerLifetime,
            TimeSpan.FromSeconds(1),
            TimeSpan.FromDays(30));
        check.Range(nameof(options.MaxKnownServers), options.MaxKnownServers, 0, 1_048_576);
        check.Range(
            nameof(options.CapableServerLifetime), options.CapableServerLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        check.Range(
            nameof(options.LegacyServerLifetime), options.LegacyServerLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        check.Require(
            nameof(options.KnownServersFile),
            options.KnownServersFile.Length == 0 || Path.IsPathRooted(options.KnownServersFile),
            $"'{options.KnownServersFile}' must be an absolute path");
    }

    private static void CheckProxyEngine(OptionsCheck check, ProxyEngineOptions options)
    {
        for (var i = 0; i < options.AnnouncedAddresses.Count; i++)
        {
            check.Require(
                $"{nameof(options.AnnouncedAddresses)}:{i}",
                HostAddress.TryParse(options.AnnouncedAddresses[i], out _),
                $"'{options.AnnouncedAddresses[i]}' is no IPv4 or IPv6 address");
        }

        CheckUplinks(check, options);
        check.Range(nameof(options.AnnouncedPort), options.AnnouncedPort, 1, ushort.MaxValue);
        check.Range(nameof(options.MaxSubflows), options.MaxSubflows, 0, 8);
        check.Require(
            nameof(options.CongestionControl),
            options.CongestionControl.Length <= 15,
            $"'{options.CongestionControl}' is no name of a congestion control; it has at most 15 letters");
        for (var i = 0; i < options.ReservedPorts.Count; i++)
            check.Range($"{nameof(options.ReservedPorts)}:{i}", options.ReservedPorts[i], 1, ushort.MaxValue);
        check.Range(nameof(options.MaxListeners), options.MaxListeners, 1, 131_070);
        check.Range(
            nameof(options.ListenerIdleTimeout), options.ListenerIdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        check.Range(nameof(options.ListenBacklog), options.ListenBacklog, 1, ushort.MaxValue);
        check.Range(nameof(options.Workers), options.Workers, 0, 256);
        check.Range(nameof(options.EagerWait), options.EagerWait, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        check.Range(nameof(options.MaxFlows), options.MaxFlows, 1, 1_000_000);
        check.Range(nameof(options.DrainTimeout), options.DrainTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        check.Range(nameof(options.IdleTimeout), options.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        check.Range(nameof(options.KeepAliveAfter), options.KeepAliveAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(9));
        check.Range(
            nameof(options.KeepAliveInterval), options.KeepAliveInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        check.Range(nameof(options.ClientAbsence), options.ClientAbsence, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        check.Range(
            nameof(options.LongestRetransmissionTimeout), options.LongestRetransmissionTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
        check.Range(nameof(options.StaleAfterSilences), options.StaleAfterSilences, 1, 255);
        check.Range(nameof(options.RelayBufferBytes), options.RelayBufferBytes, 4096, 16_777_216);
    }

    private static void CheckUplinks(OptionsCheck check, ProxyEngineOptions options)
    {
        // The kernel's limit of endpoints.
        const int Most = 8;
        check.Require(nameof(options.Uplinks), options.Uplinks.Count <= Most, $"{options.Uplinks.Count} uplinks are too many; there may be {Most}");
        for (var i = 0; i < options.Uplinks.Count; i++)
        {
            var uplink = options.Uplinks[i];
            var at = check.Section($"{nameof(options.Uplinks)}:{i}");
            at.Require(
                nameof(uplink.Device),
                uplink.Device.Length > 0 || uplink.Address.Length > 0,
                "is required unless there is an Address; name the interface, such as eth1");
            at.Require(
                nameof(uplink.Device),
                uplink.Device.Length <= 15 && !uplink.Device.Any(c => char.IsWhiteSpace(c) || c == '/'),
                $"'{uplink.Device}' is no name of an interface; it has at most 15 letters");
            at.Require(
                nameof(uplink.Address),
                uplink.Address.Length == 0 || HostAddress.TryParse(uplink.Address, out _),
                $"'{uplink.Address}' is no IPv4 or IPv6 address");
        }
    }
}
