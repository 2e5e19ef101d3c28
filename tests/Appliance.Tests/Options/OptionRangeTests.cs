using System.Reflection;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Tests.Options;

/// <summary>Every key, the values that are just allowed, and those that are just not.</summary>
[TestFixture]
[NonParallelizable]
public sealed class OptionRangeTests
{
    private static readonly (string Path, string[] Good, string[] Bad)[] Keys =
    [
        ("Name", [Text("a"), Text(new string('x', 32)), Text("a-b_C9")],
            [Text(""), Text(new string('x', 33)), Text("a/b"), Text("a.b"), Text("bär"), Text("a b")]),
        ("Mode", [Text("Implicit"), Text("implicit")], [Text(""), Text("Both"), "1"]),
        ("StopPatience", [Text("00:00:00"), Text("1.00:00:00")], [Text("-00:00:01"), Text("1.00:00:01")]),
        ("Logs:Format", [Text("Auto"), Text("Systemd"), Text("json")], [Text("Syslog"), "0"]),
        ("Logs:Level", [Text("Debug"), Text("error")], [Text("Critical"), "1"]),
        ("Logs:Privacy", ["true", "false"], [Text("yes")]),
        ("Logs:MaxPerSecond", ["1", "100000"], ["0", "100001"]),
        ("Policy:Default", [Text("Serve"), Text("Defer"), Text("Bypass")], [Text("Drop"), "0"]),
        ("Policy:Rules", ["[]", """[ { "Action": "Serve" } ]"""], [Text("any"), "[ {} ]"]),
        ("Explicit:ProxyId", ["1", "65535"], ["0", "65536", "-1", Text("p1")]),
        ("Explicit:Preference", ["0", "7"], ["-1", "8"]),
        ("Explicit:Carrier", [Text("Option"), Text("capablebit")], [Text("Bit"), "0"]),
        ("Explicit:KeyFile", [Text("")], [Text("/nonexistent/keys")]),
        ("Explicit:AcceptUnsigned", ["true"], ["false", Text("yes")]),
        ("Interceptor:Queues", ["1", "64"], ["0", "65", "-1"]),
        ("Interceptor:FirstQueue", ["0", "65535"], ["-1", "65536"]),
        ("Interceptor:QueueLength", ["16", "65536"], ["15", "65537"]),
        ("Interceptor:Device", [Text("m"), Text("fifteen-letters")], [Text(""), Text("sixteen-letters-"), Text("m b"), Text("m/b")]),
        ("Interceptor:MarkMask", [Text("0x3"), Text("0xf0000000")], [Text(""), Text("0x1"), Text("3")]),
        ("Interceptor:RoutingTable", ["1", "252", "256", "4294967295"], ["0", "253", "254", "255", "4294967296", "-1"]),
        ("Interceptor:RoutingPriority", ["1", "32765"], ["0", "32766"]),
        ("Interceptor:Conntrack", [Text("Auto"), Text("on"), Text("Off")], [Text("yes"), "true"]),
        ("Negotiation:MaxContexts", ["1", "4194304"], ["0", "4194305"]),
        ("Negotiation:ServerTimeout", [Text("00:00:01"), Text("00:10:00")], [Text("00:00:00.9"), Text("00:10:00.1"), Text("-00:00:05")]),
        ("Negotiation:ClientTimeout", [Text("00:00:01"), Text("00:10:00")], [Text("00:00:00.9"), Text("00:10:00.1")]),
        ("Negotiation:RepeatsWithMpCapable", ["0", "10"], ["-1", "11"]),
        ("Negotiation:MaxHalfOpen", ["1", "1000000"], ["0", "1000001"]),
        ("Negotiation:MaxContextsPerSource", ["1", "4194304"], ["0", "4194305"]),
        ("Negotiation:MaxDroppingServers", ["0", "1048576"], ["-1", "1048577"]),
        ("Negotiation:DroppingServerLifetime", [Text("00:00:01"), Text("30.00:00:00")], [Text("00:00:00"), Text("30.00:00:01")]),
        ("Negotiation:MaxKnownServers", ["0", "1048576"], ["-1", "1048577"]),
        ("Negotiation:CapableServerLifetime", [Text("00:00:01"), Text("30.00:00:00")], [Text("00:00:00"), Text("30.00:00:01")]),
        ("Negotiation:LegacyServerLifetime", [Text("00:00:01"), Text("30.00:00:00")], [Text("00:00:00"), Text("30.00:00:01")]),
        ("Negotiation:KnownServersFile", [Text(""), Text("/var/lib/x/known")], [Text("known"), Text("./known")]),
        ("ProxyEngine:Uplinks",
            ["[]", """[ { "Device": "lte" } ]""", """[ { "Address": "2001:db8::1", "Backup": true }, { "Device": "eth0.7", "Address": "198.18.0.1" } ]"""],
            [
                "[ {} ]", """[ { "Device": "sixteen-letters-" } ]""", """[ { "Device": "a b" } ]""", """[ { "Address": "198.18.0.1/24" } ]""", Text("lte"),
                $"[ {string.Join(", ", Enumerable.Repeat("""{ "Device": "lte" }""", 9))} ]",
            ]),
        ("ProxyEngine:AnnouncedAddresses", ["[]", "[\"198.18.0.1\", \"2001:db8::1\"]"], [Text("198.18.0.1"), "[\"198.18.0.1:80\"]", "[\"\"]"]),
        ("ProxyEngine:AnnouncedPort", ["1", "65535"], ["0", "65536"]),
        ("ProxyEngine:MaxSubflows", ["0", "8"], ["-1", "9"]),
        ("ProxyEngine:CongestionControl", [Text(""), Text("cubic"), Text("fifteen-letters")], [Text("sixteen-letters-")]),
        ("ProxyEngine:ReservedPorts", ["[]", "[1, 65535]"], ["[0]", "[65536]", "22", "[\"ssh\"]"]),
        ("ProxyEngine:MaxListeners", ["1", "131070"], ["0", "131071"]),
        ("ProxyEngine:ListenerIdleTimeout", [Text("00:00:01"), Text("1.00:00:00")], [Text("00:00:00"), Text("1.00:00:01")]),
        ("ProxyEngine:ListenBacklog", ["1", "65535"], ["0", "65536"]),
        ("ProxyEngine:EagerWait", [Text("00:00:00"), Text("00:00:00.001")], [Text("-00:00:00.00001"), Text("00:00:00.0010001")]),
        ("ProxyEngine:Workers", ["0", "256"], ["-1", "257"]),
        ("ProxyEngine:MaxFlows", ["1", "1000000"], ["0", "1000001", "1.5", "true"]),
        ("ProxyEngine:DrainTimeout", [Text("00:00:00"), Text("00:10:00")], [Text("-00:00:01"), Text("00:10:01")]),
        ("ProxyEngine:IdleTimeout", [Text("00:00:01"), Text("30.00:00:00")], [Text("00:00:00"), Text("30.00:00:01")]),
        ("ProxyEngine:KeepAliveAfter", [Text("00:00:01"), Text("09:00:00")], [Text("00:00:00"), Text("09:00:01")]),
        ("ProxyEngine:KeepAliveInterval", [Text("00:00:01"), Text("01:00:00")], [Text("00:00:00"), Text("01:00:01")]),
        ("ProxyEngine:ClientAbsence", [Text("00:00:01"), Text("01:00:00")], [Text("00:00:00"), Text("01:00:01")]),
        ("ProxyEngine:LongestRetransmissionTimeout", [Text("00:00:01"), Text("00:02:00")], [Text("00:00:00"), Text("00:02:01")]),
        ("ProxyEngine:StaleAfterSilences", ["1", "255"], ["0", "256"]),
        ("ProxyEngine:RelayBufferBytes", ["4096", "16777216"], ["4095", "16777217"]),
        ("Converter:Listen", ["[]"],
            ["[\"198.18.0.1\"]", "[\"0.0.0.0:5124\"]", "[\"[::]:5124\"]", "[\"198.18.0.1:0\"]", "[\"proxy:5124\"]", Text("198.18.0.1:5124")]),
        ("Converter:Clients", ["[]", "[\"198.18.0.0/15\", \"2001:db8::/32\"]"], ["[\"198.18.0.1/15\"]", "[\"\"]"]),
        ("Converter:Servers", ["[]", "[\"any\"]", "[\"198.18.0.0/15\"]"], ["[\"198.18.0.1/15\"]", "[\"all\"]"]),
        ("Converter:Ports", [Text("any"), Text("80,8000-8999")], [Text(""), Text("0"), Text("http")]),
        ("Converter:Hairpinning", ["false"], [Text("no")]),
        ("Converter:FastOpen", ["false"], [Text("no")]),
        ("Converter:RequireCookie", ["true"], [Text("yes")]),
        ("Converter:CookieLifetime", [Text("00:01:00"), Text("7.00:00:00")], [Text("00:00:59"), Text("7.00:00:01")]),
        ("Converter:PreserveClientAddress", ["true"], [Text("yes")]),
        ("Converter:SourceAddresses", ["[]", "[\"198.18.0.1\", \"2001:db8::1\"]"], ["[\"198.18.0.1:80\"]", "[\"0.0.0.0\"]", "[\"::\"]"]),
        ("Converter:RequestTimeout", [Text("00:00:01"), Text("00:10:00")], [Text("00:00:00"), Text("00:10:01")]),
        ("Converter:ConnectTimeout", [Text("00:00:01"), Text("00:10:00")], [Text("00:00:00"), Text("00:10:01")]),
        ("Converter:MaxPending", ["1", "1000000"], ["0", "1000001"]),
        ("Converter:MaxPendingPerClient", ["1", "1000000"], ["0", "1000001"]),
        ("Converter:MaxFlowsPerClient", ["1", "1000000"], ["0", "1000001"]),
        ("Converter:RequestsPerSecondPerClient", ["1", "1000000"], ["0", "1000001"]),
        ("Converter:ErrorsPerSecondPerClient", ["1", "1000000"], ["0", "1000001"]),
        ("Addressed:Listen", ["[]"],
            ["[\"198.18.0.1\"]", "[\"0.0.0.0:5125\"]", "[\"[::]:5125\"]", "[\"198.18.0.1:0\"]", "[\"proxy:5125\"]", Text("198.18.0.1:5125")]),
        ("Addressed:Clients", ["[]", "[\"198.18.0.0/15\", \"2001:db8::/32\"]"], ["[\"198.18.0.1/15\"]", "[\"\"]"]),
        ("Addressed:Servers", ["[]", "[\"any\"]", "[\"198.18.0.0/15\"]"], ["[\"198.18.0.1/15\"]", "[\"all\"]"]),
        ("Addressed:Ports", [Text("any"), Text("80,8000-8999")], [Text(""), Text("0"), Text("http")]),
        ("Addressed:Hairpinning", ["true"], [Text("yes")]),
        ("Addressed:FastPath", ["false"], [Text("yes")]),
        ("Addressed:KeyFile", [Text("")], [Text("/nonexistent/keys")]),
        ("Addressed:RequireTag", ["false"], ["true", Text("yes")]),
        ("Addressed:MaxPromotions", ["1", "1000000"], ["0", "1000001"]),
        ("Addressed:MaxPromotionsPerSource", ["1", "1000000"], ["0", "1000001"]),
        ("Addressed:PromotionTimeout", [Text("00:00:01"), Text("1.00:00:00")], [Text("00:00:00"), Text("1.00:00:01")]),
        ("HostProxy:Protocol", [Text("Addressed"), Text("Converter")], [Text("Socks")]),
        ("HostProxy:Proxies", ["[]"],
            ["[\"198.18.0.1\"]", "[\"198.18.0.1:0\"]", "[\"198.18.0.1:1\", \"198.18.0.2:1\"]", "[\"proxy:5125\"]", Text("198.18.0.1:5125")]),
        ("HostProxy:Rules", ["[]", "[{}]", "[{ \"Server\": \"198.18.0.0/15\", \"Ports\": \"80,8000-8999\", \"User\": \"www-data\", \"Cgroup\": \"user.slice/a\" }]"],
            [
                "[{ \"Server\": \"198.18.0.1/15\" }]", "[{ \"Ports\": \"http\" }]", "[{ \"Ports\": \"1,2,3,4,5,6,7,8,9,10,11,12,13,14-15,16\" }]",
                "[{ \"User\": \"root -j ACCEPT\" }]", "[{ \"Cgroup\": \"/user.slice\" }]", "[{ \"Cgroup\": \"a\\nCOMMIT\" }]",
            ]),
        ("HostProxy:KeyFile", [Text("")], [Text("/nonexistent/keys")]),
        ("HostProxy:WhenUnreachable", [Text("Direct"), Text("Refuse")], [Text("Drop")]),
        ("HostProxy:UnansweredSyns", ["1", "2"], ["0", "3"]),
        ("HostProxy:RetryAfter", [Text("00:00:01"), Text("1.00:00:00")], [Text("00:00:00"), Text("1.00:00:01")]),
        ("HostProxy:MaxPending", ["1", "1000000"], ["0", "1000001"]),
        ("Control:Socket", [Text(""), Text("/run/x.sock"), Text("/" + new string('x', 106))],
            [Text("x.sock"), Text("./x.sock"), Text("/" + new string('x', 107)), Text("/" + new string('ä', 54))]),
        ("Control:Group", [Text(""), Text("root"), Text("0"), Text("60001")], [Text("no-such-group"), Text("-1"), Text("4294967295")]),
        ("Control:HistoryLength", ["64", "1048576"], ["63", "1048577"]),
        ("Dashboard:Endpoint", [Text(""), Text("127.0.0.1:9465"), Text("[::1]:9465")],
            [Text("9465"), Text(":9465"), Text("localhost:9465"), Text("127.0.0.1"), Text("127.0.0.1:0"), Text("::1:9465")]),
        ("Dashboard:TokenFile", [Text("")], [Text("/nonexistent/token")]),
        ("Metrics:Endpoint", [Text(""), Text("127.0.0.1:9464"), Text("[::1]:9464")],
            [Text("9464"), Text(":9464"), Text("localhost:9464"), Text("127.0.0.1"), Text("127.0.0.1:0"), Text("::1:9464")]),
    ];

    private static IEnumerable<TestCaseData> GoodValues() =>
        Keys.SelectMany(key => key.Good.Select(value => new TestCaseData(key.Path, value).SetArgDisplayNames(key.Path, value)));

    private static IEnumerable<TestCaseData> BadValues() =>
        Keys.SelectMany(key => key.Bad.Select(value => new TestCaseData(key.Path, value).SetArgDisplayNames(key.Path, value)));

    [TestCaseSource(nameof(GoodValues))]
    public void GoodValue_IsTaken(string path, string value) =>
        Assert.That(ConfigurationText.ErrorsOf(Configuration(path, value)), Is.Empty);

    [TestCaseSource(nameof(BadValues))]
    public void BadValue_IsRefusedUnderItsPath(string path, string value)
    {
        var errors = ConfigurationText.ErrorsOf(Configuration(path, value));
        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors[0], Does.StartWith($"Middlebox:{path}"));
        Assert.That(errors[0], Has.Length.GreaterThan($"Middlebox:{path}: ".Length + 10), "it says what would be right");
    }

    [Test]
    public void Queues_LastOneMustHaveANumberToo()
    {
        const string Text = """ "Interceptor": { "FirstQueue": 65535, "Queues": 2 } """;
        Assert.That(ConfigurationText.ErrorsOf(ConfigurationText.Section(Text)), Has.Exactly(1).Contains("FirstQueue"));
    }

    [Test]
    public void Converter_ThatListensNeedsClients()
    {
        const string Listen = """ "Listen": ["198.18.0.1:5124", "[2001:db8::1]:5124"] """;
        Assert.That(
            ConfigurationText.ErrorsOf(ConfigurationText.Section($$""" "Converter": { {{Listen}} } """)),
            Has.Exactly(1).StartWith("Middlebox:Converter:Clients: is required"));
        Assert.That(
            ConfigurationText.ErrorsOf(ConfigurationText.Section($$""" "Converter": { {{Listen}}, "Clients": ["198.18.0.0/15"] } """)), Is.Empty);
    }

    [Test]
    public void Addressed_WithListen_NeedsClients() => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.Section(""" "Addressed": { "Listen": ["198.18.0.1:5125"] } """)),
        Has.Exactly(1).StartWith("Middlebox:Addressed:Clients: is required"));

    [Test]
    public void HostProxy_ConverterWithKeys_IsRefused()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("keys");
        File.WriteAllText(path, $"key 1 {new string('a', 32)}\nsign 1\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var keys = $"\"KeyFile\": {Text(path)}";
        Assert.That(
            ConfigurationText.ErrorsOf(ConfigurationText.Section($$""" "Addressed": { {{keys}}, "RequireTag": true }, "HostProxy": { {{keys}} } """)), Is.Empty);
        Assert.That(
            ConfigurationText.ErrorsOf(ConfigurationText.Section($$""" "HostProxy": { "Protocol": "Converter", {{keys}} } """)),
            Has.Exactly(1).StartWith("Middlebox:HostProxy:KeyFile: must be empty"));
    }

    [Test]
    public void HostProxy_WithProxies_NeedsRules() => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.Section(""" "HostProxy": { "Proxies": ["198.18.0.1:5125", "[2001:db8::1]:5125"] } """)),
        Has.Exactly(1).StartWith("Middlebox:HostProxy:Rules: are required"));

    [TestCase(""" "Addressed": { "Clients": ["any"], "Listen": ["198.18.0.1:5125"] } """)]
    [TestCase(""" "HostProxy": { "Rules": [{}], "Proxies": ["198.18.0.1:5125"] } """)]
    public void Queues_OfTranslationMustHaveNumbersToo(string section) => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.Section(section + """ , "Interceptor": { "FirstQueue": 65534 } """)),
        Has.Exactly(1).Contains("FirstQueue"));

    [Test]
    public void EveryKey_IsInThisTable() =>
        Assert.That(Keys.Select(key => key.Path), Is.EquivalentTo(KeysOf(typeof(MiddleboxOptions), "")));

    private static IEnumerable<string> KeysOf(Type section, string prefix) =>
        section.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .SelectMany(property => property.PropertyType.IsClass && property.PropertyType != typeof(string)
                ? KeysOf(property.PropertyType, $"{prefix}{property.Name}:")
                : [prefix + property.Name]);

    /// <summary>The keys of the explicit scheme are looked at in explicit mode only, where some of them are required; who listens requires clients.</summary>
    private static string Configuration(string path, string value)
    {
        if (path == "Addressed:Listen")
            return ConfigurationText.Section($$""" "Addressed": { "Clients": ["any"], "Listen": {{value}} } """);
        if (path == "HostProxy:Proxies")
            return ConfigurationText.Section($$""" "HostProxy": { "Rules": [{}], "Proxies": {{value}} } """);
        if (path == "Converter:Listen")
            return ConfigurationText.Section($$""" "Converter": { "Clients": ["any"], "Listen": {{value}} } """);
        if (!path.StartsWith("Explicit:", StringComparison.Ordinal))
            return ConfigurationText.WithKey(path, value);
        var keys = new Dictionary<string, string> { ["ProxyId"] = "1", ["AcceptUnsigned"] = "true", [path["Explicit:".Length..]] = value };
        var section = string.Join(", ", keys.Select(key => $"\"{key.Key}\": {key.Value}"));
        return ConfigurationText.Section($$""" "Mode": "Explicit", "Explicit": { {{section}} } """);
    }

    private static string Text(string value) => $"\"{value}\"";
}
