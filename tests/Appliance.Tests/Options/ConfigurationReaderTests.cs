using System.Runtime.CompilerServices;
using Middlebox.Appliance.Options;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Tests.Options;

/// <summary>Not parallel, because the environment is read too.</summary>
[TestFixture]
[NonParallelizable]
public sealed class ConfigurationReaderTests
{
    private const string Prefix = "Middlebox__";

    [TearDown]
    public void ClearTheEnvironment()
    {
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Test]
    public void ShippedFile_ReadsAndIsTheDefaults()
    {
        Assert.That(ConfigurationReader.TryRead(Shipped("implicit.json"), out var options, out var errors), Is.True);
        Assert.That(errors, Is.Empty);
        var defaults = ConfigurationText.Read("""{ "Middlebox": { "Name": "middlebox" } }""");
        Assert.That(options!.Negotiation, Is.EqualTo(defaults.Negotiation));
        Assert.That(options.Interceptor, Is.EqualTo(defaults.Interceptor));
        Assert.That(options.ControlSocketPath, Is.EqualTo("/run/middlebox/middlebox.sock"));
        Assert.That(options.ProxyEngine.ReservedPorts, Is.EqualTo(new[] { 22 }));
        Assert.That(options.Policy.Rules, Is.Empty);
    }

    [Test]
    public void AllFaults_AreReportedAtOnceWithTheirPaths() => Assert.That(
        ConfigurationText.ErrorsOf("""
            {
              "Middlebox": {
                "Nam": "p1",
                "Mode": "Imlicit",
                "Policy": {
                  "Default": 1,
                  "Rules": [ { "Action": "Serve" }, { "Acton": "Serve" }, "any", [ 1 ] ]
                },
                "Interceptor": { "Queues": "two", "Device": { "Name": "mbx0" } },
                "Negotiation": "fast",
                "ProxyEngine": { "ReservedPorts": 22, "AnnouncedAddresses": { "a": "198.18.0.1" }, "MaxFlows": [ 5 ] },
                "Control": { "Socket": null }
              }
            }
            """).Select(PathOf),
        Is.EquivalentTo(new[]
        {
            "Middlebox:Nam",
            "Middlebox:Mode",
            "Middlebox:Policy:Default",
            "Middlebox:Policy:Rules:1:Acton",
            "Middlebox:Policy:Rules:1:Action",
            "Middlebox:Policy:Rules:2",
            "Middlebox:Policy:Rules:3:0",
            "Middlebox:Policy:Rules:3",
            "Middlebox:Interceptor:Queues",
            "Middlebox:Interceptor:Device",
            "Middlebox:Negotiation",
            "Middlebox:ProxyEngine:ReservedPorts",
            "Middlebox:ProxyEngine:AnnouncedAddresses:a",
            "Middlebox:ProxyEngine:MaxFlows",
            "Middlebox:Control:Socket",
        }));

    [Test]
    public void AllValuesOutOfRange_AreReportedAtOnceWithTheirPaths() => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.Section("""
            "Name": "", "Mode": "Explicit",
            "Policy": { "Rules": [ { "Client": "198.18.0.1/15", "Ports": "80-", "Server": "host", "Share": 1.5 } ] },
            "Interceptor": { "Queues": 0, "MarkMask": "0x1" },
            "ProxyEngine": { "ReservedPorts": [ 22, 0 ], "AnnouncedAddresses": [ "198.18.0.1", "198.18.0" ] }
            """)).Select(PathOf),
        Is.EquivalentTo(new[]
        {
            "Middlebox:Name",
            "Middlebox:Explicit:ProxyId",
            "Middlebox:Explicit:AcceptUnsigned",
            "Middlebox:Policy:Rules:0:Client",
            "Middlebox:Policy:Rules:0:Server",
            "Middlebox:Policy:Rules:0:Ports",
            "Middlebox:Policy:Rules:0:Action",
            "Middlebox:Policy:Rules:0:Share",
            "Middlebox:Interceptor:Queues",
            "Middlebox:Interceptor:MarkMask",
            "Middlebox:ProxyEngine:ReservedPorts:1",
            "Middlebox:ProxyEngine:AnnouncedAddresses:1",
        }));

    [Test]
    public void UnknownKey_IsAnsweredWithTheKnownOnes() => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.WithKey("Control:Sockte", "\"/tmp/x\"")),
        Is.EqualTo(new[] { "Middlebox:Control:Sockte: there is no such key; did you mean Socket? known here: Group, HistoryLength, Socket" }));

    // A value that does not convert must not keep other errors back, nor shift the numbers of list items.
    [Test]
    public void FaultsOfBothKinds_AreReportedAtOnceWithTheirPaths() => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.Section("""
            "Name": "a.b", "Colour": "blue",
            "Policy": { "Rules": [ "any", { "Action": "Srve" }, { "Action": "Serve", "Share": 2 }, { "Share": "half", "Action": "Serve" } ] },
            "Interceptor": { "Queues": "two", "QueueLength": 1 },
            "ProxyEngine": { "ReservedPorts": [ "ssh", 0 ], "IdleTimeout": "30", "MaxFlows": 0 },
            "Negotiation": { "ServerTimeout": "00:00:00", "MaxContexts": 99999999999 }
            """)).Select(PathOf),
        Is.EquivalentTo(new[]
        {
            "Middlebox:Name",
            "Middlebox:Colour",
            "Middlebox:Policy:Rules:0",
            "Middlebox:Policy:Rules:1:Action",
            "Middlebox:Policy:Rules:2:Share",
            "Middlebox:Policy:Rules:3:Share",
            "Middlebox:Interceptor:Queues",
            "Middlebox:Interceptor:QueueLength",
            "Middlebox:ProxyEngine:ReservedPorts:0",
            "Middlebox:ProxyEngine:ReservedPorts:1",
            "Middlebox:ProxyEngine:IdleTimeout",
            "Middlebox:ProxyEngine:MaxFlows",
            "Middlebox:Negotiation:ServerTimeout",
            "Middlebox:Negotiation:MaxContexts",
        }));

    [TestCase("Conection", null)]
    [TestCase("Mod", "Mode")]
    [TestCase("PROXYENGIN", "ProxyEngine")]
    [TestCase("Negotation", "Negotiation")]
    [TestCase("X", null)]
    public void UnknownKey_TheNearestIsNamed(string typed, string? nearest)
    {
        var error = ConfigurationText.ErrorsOf(ConfigurationText.WithKey(typed, "{}")).Single();
        Assert.That(error, nearest is null ? Does.Not.Contain("did you mean") : Does.Contain($"did you mean {nearest}?"));
    }

    // TimeSpan.Parse takes them for 30 days, 24 days, half an hour and two days.
    [TestCase("30", "; 30 seconds are 00:00:30")]
    [TestCase("24:00:00", "")]
    [TestCase("00:30", "")]
    [TestCase("2.", "")]
    [TestCase("30s", "")]
    [TestCase("", "")]
    public void Time_ThatSaysNoHoursMinutesAndSeconds_IsRefusedWithTheRemedy(string text, string hint) => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.WithKey("ProxyEngine:IdleTimeout", $"\"{text}\"")),
        Is.EqualTo(new[]
        {
            "Middlebox:ProxyEngine:IdleTimeout: expected a time such as 00:00:30 (hours:minutes:seconds) or 1.00:00:00 (a day), "
                + $"found '{text}'{hint}",
        }));

    [TestCase("00:00:30", 30)]
    [TestCase("1.00:00:00", 86_400)]
    [TestCase("00:00:01.5", 1.5)]
    public void Time_IsRead(string text, double seconds) => Assert.That(
        ConfigurationText.Read(ConfigurationText.WithKey("ProxyEngine:IdleTimeout", $"\"{text}\"")).ProxyEngine.IdleTimeout,
        Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [Test]
    public void EmptySection_HasTheDefaults() => Assert.That(
        ConfigurationText.Read("""{ "Middlebox": {} }""").Name, Is.EqualTo("middlebox"));

    // They would all be read as a section with nothing in it, and the box would serve with defaults.
    [TestCase("null", "null")]
    [TestCase("[]", "a list")]
    [TestCase("[ {} ]", "a list")]
    [TestCase("\"\"", "a value")]
    [TestCase("false", "a value")]
    public void SomethingElseThanASection_IsAFault(string value, string found)
    {
        Assert.That(ConfigurationText.ErrorsOf($$"""{ "middlebox": {{value}} }"""), Does.Contain($$"""Middlebox: expected a section { ... }, found {{found}}"""));
        Assert.That(
            ConfigurationText.ErrorsOf(ConfigurationText.WithKey("Policy", value)), Does.Contain($$"""Middlebox:Policy: expected a section { ... }, found {{found}}"""));
    }

    [TestCase("Policy:Rules", "null", "null")]
    [TestCase("Policy:Rules", "{}", "a section")]
    [TestCase("Policy:Rules", "\"\"", "a value")]
    [TestCase("ProxyEngine:ReservedPorts", "null", "null")]
    [TestCase("ProxyEngine:ReservedPorts", "{}", "a section")]
    public void SomethingElseThanAList_IsAFault(string key, string value, string found) => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.WithKey(key, value)), Is.EqualTo(new[] { $"Middlebox:{key}: expected a list [ ... ], found {found}" }));

    [TestCase("[]", "a list")]
    [TestCase("{}", "a section")]
    public void EmptyListOrSection_InPlaceOfAValue_IsAFault(string value, string found) => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.WithKey("Control:Socket", value)), Is.EqualTo(new[] { $"Middlebox:Control:Socket: expected a text, found {found}" }));

    [Test]
    public void Rule_Null_IsAFaultAndNoCrash([Values("null", "{}")] string rule) => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.WithKey("Policy:Rules:0", rule)).Select(PathOf),
        Has.One.StartsWith("Middlebox:Policy:Rules:0"));

    [TestCase("Name", "a text")]
    [TestCase("Mode", "one of Implicit, Explicit")]
    [TestCase("Control:Socket", "a text")]
    [TestCase("Interceptor:Queues", "a whole number")]
    [TestCase("Interceptor:MarkMask", "a text")]
    [TestCase("Negotiation:ServerTimeout", "a time such as 00:00:30 (hours:minutes:seconds) or 1.00:00:00 (a day)")]
    [TestCase("ProxyEngine:CongestionControl", "a text")]
    [TestCase("ProxyEngine:ReservedPorts:0", "a whole number")]
    [TestCase("ProxyEngine:AnnouncedAddresses:0", "a text")]
    [TestCase("Policy:Rules:0:Client", "a text")]
    public void Null_IsAFaultAndNoCrash(string path, string expected) => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.WithKey(path, "null")),
        Does.Contain($"Middlebox:{path}: expected {expected}, found null"));

    [TestCase("Policy", "{}")]
    [TestCase("Control", "{}")]
    [TestCase("Policy:Rules", "[]")]
    public void EmptySectionOrList_HasTheDefaults(string path, string value) =>
        Assert.That(ConfigurationText.Read(ConfigurationText.WithKey(path, value)).Policy.Rules, Is.Empty);

    [Test]
    public void Rule_WithoutAction_IsAFault() => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.WithKey("Policy:Rules:0:Client", "\"any\"")),
        Is.EqualTo(new[] { "Middlebox:Policy:Rules:0:Action: is required: Serve, Defer or Bypass" }));

    [Test]
    public void Rule_WithAllKeys_IsRead() => Assert.That(
        ConfigurationText.Read(ConfigurationText.Section("""
            "Policy": { "Default": "bypass", "Rules": [
              { "Client": "198.18.0.0/15", "Server": "2001:db8::/32", "Ports": "80,443", "Action": "serve" }, { "Action": "Bypass" } ] }
            """)).Policy.Rules,
        Is.EqualTo(new[]
        {
            new PolicyRuleOptions
            {
                Client = "198.18.0.0/15", Server = "2001:db8::/32", Ports = "80,443", Action = PolicyAction.Serve,
            },
            new PolicyRuleOptions { Action = PolicyAction.Bypass },
        }));

    [TestCase("[]", new int[0])]
    [TestCase("[80]", new[] { 80 })]
    [TestCase("[22, 443]", new[] { 22, 443 })]
    public void ReservedPorts_TakeThePlaceOfTheDefault(string value, int[] expected) => Assert.That(
        ConfigurationText.Read(ConfigurationText.WithKey("ProxyEngine:ReservedPorts", value)).ProxyEngine.ReservedPorts,
        Is.EqualTo(expected));

    [Test]
    public void Environment_OverridesTheFile()
    {
        Environment.SetEnvironmentVariable(Prefix + "Name", "p1");
        Environment.SetEnvironmentVariable(Prefix + "Interceptor__Queues", "2");
        Environment.SetEnvironmentVariable(Prefix + "ProxyEngine__AnnouncedAddresses__0", "198.18.0.1");
        var options = ConfigurationText.Read(ConfigurationText.Section("""
            "Name": "file", "Interceptor": { "Queues": 3, "QueueLength": 99 }
            """));
        Assert.That(options.Name, Is.EqualTo("p1"));
        Assert.That(options.Interceptor.Queues, Is.EqualTo(2));
        Assert.That(options.Interceptor.QueueLength, Is.EqualTo(99));
        Assert.That(options.ProxyEngine.AnnouncedAddresses, Is.EqualTo(new[] { "198.18.0.1" }));
        Assert.That(options.ControlSocketPath, Is.EqualTo("/run/middlebox/p1.sock"));
    }

    [Test]
    public void Environment_WithFaults_IsReportedLikeTheFile()
    {
        Environment.SetEnvironmentVariable(Prefix + "Negotiation__MaxContexts", "many");
        Environment.SetEnvironmentVariable(Prefix + "Colour", "blue");
        Assert.That(
            ConfigurationText.ErrorsOf(ConfigurationText.Section("")).Select(PathOf),
            Is.EquivalentTo(new[] { "Middlebox:Negotiation:MaxContexts", "Middlebox:Colour" }));
    }

    [Test]
    public void File_Missing_SaysSo()
    {
        Assert.That(ConfigurationReader.TryRead("/nonexistent/box.json", out _, out var errors), Is.False);
        Assert.That(errors, Is.EqualTo(new[] { new ConfigurationError("/nonexistent/box.json", "there is no such file") }));
    }

    [Test]
    public void File_IsADirectory_SaysSo()
    {
        using var directory = new TemporaryDirectory();
        Assert.That(ConfigurationReader.TryRead(directory.Path, out _, out var errors), Is.False);
        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors[0].Path, Is.EqualTo(directory.Path));
    }

    [TestCase("{\n  \"Middlebox\": {\n    \"Name\": p1\n  }\n}\n", 3)]
    [TestCase("{ \"Middlebox\": {", 1)]
    [TestCase("{\n\"Middlebox\": { }\n}\n}", 4)]
    public void File_NoJson_SaysTheLine(string text, int line)
    {
        var errors = ConfigurationText.ErrorsOf(text);
        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors[0], Does.StartWith($"FILE: no valid JSON at line {line}: "));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("5")]
    public void File_NoObject_IsAFaultAndNoCrash(string text)
    {
        var errors = ConfigurationText.ErrorsOf(text);
        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors[0], Does.StartWith("FILE: "));
    }

    [TestCase("{}")]
    [TestCase("""{ "Middelbox": { "Name": "p1" } }""")]
    public void File_WithoutTheSection_SaysSo(string text) => Assert.That(
        ConfigurationText.ErrorsOf(text), Is.EqualTo(new[] { "FILE: there is no section \"Middlebox\" in this file" }));

    [Test]
    public void File_WithCommentsAndTrailingCommas_IsRead() => Assert.That(
        ConfigurationText.Read("{ // a comment\n \"Middlebox\": { \"Name\": \"p1\", /* another */ }, }").Name, Is.EqualTo("p1"));

    private static string PathOf(string error) => error[..error.IndexOf(": ", StringComparison.Ordinal)];

    private static string Shipped(string name, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "../../../configs", name);
}
