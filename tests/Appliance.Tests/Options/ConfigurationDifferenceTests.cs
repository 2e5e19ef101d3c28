using System.Reflection;
using Middlebox.Appliance.Options;
using Middlebox.Interceptor.HostRole;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Tests.Options;

/// <summary>Every key either may change while the box serves, or needs a restart.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConfigurationDifferenceTests
{
    private static readonly string[] Changeable =
    [
        "Mode",
        "StopPatience",
        "Policy:Default",
        "Policy:Rules",
        "Explicit:ProxyId",
        "Explicit:Preference",
        "Explicit:Carrier",
        "Explicit:KeyFile",
        "Explicit:AcceptUnsigned",
        "Addressed:KeyFile",
        "Addressed:RequireTag",
        "HostProxy:KeyFile",
        "Negotiation:MaxContextsPerSource",
        "Negotiation:ServerTimeout",
        "Negotiation:ClientTimeout",
        "Negotiation:RepeatsWithMpCapable",
        "ProxyEngine:AnnouncedAddresses",
        "ProxyEngine:MaxSubflows",
        "ProxyEngine:Uplinks",
    ];

    private static readonly string[] NeedingRestart =
    [
        "Name",
        "Logs:Format",
        "Logs:Level",
        "Logs:Privacy",
        "Logs:MaxPerSecond",
        "Interceptor:Queues",
        "Interceptor:FirstQueue",
        "Interceptor:QueueLength",
        "Interceptor:Device",
        "Interceptor:MarkMask",
        "Interceptor:RoutingTable",
        "Interceptor:RoutingPriority",
        "Interceptor:Conntrack",
        "Negotiation:MaxContexts",
        "Negotiation:MaxHalfOpen",
        "Negotiation:MaxDroppingServers",
        "Negotiation:DroppingServerLifetime",
        "Negotiation:MaxKnownServers",
        "Negotiation:CapableServerLifetime",
        "Negotiation:LegacyServerLifetime",
        "Negotiation:KnownServersFile",
        "ProxyEngine:AnnouncedPort",
        "ProxyEngine:CongestionControl",
        "ProxyEngine:ReservedPorts",
        "ProxyEngine:MaxListeners",
        "ProxyEngine:ListenerIdleTimeout",
        "ProxyEngine:ListenBacklog",
        "ProxyEngine:Workers",
        "ProxyEngine:EagerWait",
        "ProxyEngine:MaxFlows",
        "ProxyEngine:DrainTimeout",
        "ProxyEngine:IdleTimeout",
        "ProxyEngine:KeepAliveAfter",
        "ProxyEngine:ClientAbsence", "ProxyEngine:LongestRetransmissionTimeout", "ProxyEngine:KeepAliveInterval",
        "ProxyEngine:StaleAfterSilences",
        "ProxyEngine:RelayBufferBytes",
        "Converter:Listen",
        "Converter:Clients",
        "Converter:Servers",
        "Converter:Ports",
        "Converter:Hairpinning",
        "Converter:FastOpen",
        "Converter:RequireCookie",
        "Converter:CookieLifetime",
        "Converter:PreserveClientAddress",
        "Converter:SourceAddresses",
        "Converter:RequestTimeout",
        "Converter:ConnectTimeout",
        "Converter:MaxPending",
        "Converter:MaxPendingPerClient",
        "Converter:MaxFlowsPerClient",
        "Converter:RequestsPerSecondPerClient",
        "Converter:ErrorsPerSecondPerClient",
        "Addressed:Listen",
        "Addressed:Clients",
        "Addressed:Servers",
        "Addressed:Ports",
        "Addressed:Hairpinning",
        "Addressed:FastPath",
        "Addressed:MaxPromotions",
        "Addressed:MaxPromotionsPerSource",
        "Addressed:PromotionTimeout",
        "HostProxy:Protocol",
        "HostProxy:Proxies",
        "HostProxy:Rules",
        "HostProxy:WhenUnreachable",
        "HostProxy:UnansweredSyns",
        "HostProxy:RetryAfter",
        "HostProxy:MaxPending",
        "Control:Socket",
        "Control:Group",
        "Control:HistoryLength",
        "Metrics:Endpoint",
        "Dashboard:Endpoint",
        "Dashboard:TokenFile",
    ];

    [Test]
    public void EveryKey_IsInOneOfTheTables() =>
        Assert.That(Changeable.Concat(NeedingRestart), Is.EquivalentTo(KeysOf(typeof(MiddleboxOptions), "")));

    [TestCaseSource(nameof(Changeable))]
    public void Changeable_Changed_NeedsNoRestart(string key) =>
        Assert.That(ConfigurationDifference.NeedingRestart(new MiddleboxOptions(), Changed(key)), Is.Empty);

    [TestCaseSource(nameof(NeedingRestart))]
    public void Other_Changed_IsTheOneError(string key)
    {
        var expected = new[]
        {
            new ConfigurationError($"Middlebox:{key}", "cannot change while this daemon serves; start another with it (\"middlebox upgrade\" keeps connections), or put back what it was"),
        };
        Assert.That(ConfigurationDifference.NeedingRestart(new MiddleboxOptions(), Changed(key)), Is.EqualTo(expected));
        Assert.That(ConfigurationDifference.NeedingRestart(Changed(key), new MiddleboxOptions()), Is.EqualTo(expected));
    }

    [Test]
    public void Nothing_Changed_NeedsNoRestart() =>
        Assert.That(ConfigurationDifference.NeedingRestart(new MiddleboxOptions(), new MiddleboxOptions()), Is.Empty);

    [Test]
    public void Several_Changed_AreAllErrors()
    {
        var next = Changed("Interceptor:Queues");
        next = next with { Name = "other", ProxyEngine = next.ProxyEngine with { MaxFlows = 1 }, Mode = NegotiationMode.Explicit };
        Assert.That(
            ConfigurationDifference.NeedingRestart(new MiddleboxOptions(), next).Select(error => error.Path),
            Is.EquivalentTo(new[] { "Middlebox:Name", "Middlebox:Interceptor:Queues", "Middlebox:ProxyEngine:MaxFlows" }));
    }

    private static MiddleboxOptions Changed(string key)
    {
        var options = new MiddleboxOptions();
        object section = options;
        var path = key.Split(':');
        foreach (var name in path[..^1])
            section = section.GetType().GetProperty(name)!.GetValue(section)!;
        var property = section.GetType().GetProperty(path[^1])!;
        property.SetValue(section, OtherThan(property.GetValue(section)!));
        return options;
    }

    private static object OtherThan(object value) => value switch
    {
        string text => text + "x",
        bool flag => !flag,
        int number => number + 1,
        uint number => number + 1,
        TimeSpan time => time + TimeSpan.FromSeconds(1),
        Enum constant => Enum.GetValues(constant.GetType()).Cast<object>().First(other => !other.Equals(constant)),
        IReadOnlyList<string> => new[] { "198.18.0.1" },
        IReadOnlyList<int> => new[] { 4711 },
        IReadOnlyList<UplinkOptions> => new[] { new UplinkOptions { Device = "lte" } },
        IReadOnlyList<HostProxyRuleOptions> => new[] { new HostProxyRuleOptions { Ports = "80" } },
        IReadOnlyList<PolicyRuleOptions> => new[] { new PolicyRuleOptions { Share = 0.5 } },
        _ => throw new ArgumentException($"No other value is known of a {value.GetType()}.", nameof(value)),
    };

    private static IEnumerable<string> KeysOf(Type section, string prefix) =>
        section.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .SelectMany(property => property.PropertyType.IsClass && property.PropertyType != typeof(string)
                ? KeysOf(property.PropertyType, $"{prefix}{property.Name}:")
                : [prefix + property.Name]);
}
