using System.Reflection;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Tests.Options;

/// <summary>Every key of a policy rule, the values that are just allowed, and those that are just not.</summary>
[TestFixture]
[NonParallelizable]
public sealed class PolicyRuleRangeTests
{
    private static readonly (string Key, string[] Good, string[] Bad)[] Keys =
    [
        ("Client", ["\"any\"", "\"198.18.0.0/15\"", "\"2001:db8::/32\""], ["\"198.18.0.1/15\"", "\"\"", "null"]),
        ("Server", ["\"any\"", "\"198.18.0.0/15\"", "\"::/0\""], ["\"host\"", "\"\"", "null"]),
        ("Ports", ["\"any\"", "\"80,443,8000-8999\"", "\"1\""], ["\"0\"", "\"80-\"", "\"9-8\"", "null"]),
        ("Action", ["\"Serve\"", "\"defer\"", "\"Bypass\""], ["\"Share\"", "1", "null"]),
        ("Share", ["0", "1", "0.5", "0.333"], ["-0.1", "1.1", "\"half\"", "\"NaN\"", "\"0,5\""]),
        ("MaxFlows", ["1", "2147483647", "null"], ["0", "-1", "1.5", "2147483648"]),
        ("MaxNewFlowsPerSecond", ["1", "2147483647", "null"], ["0", "-1", "\"fast\""]),
        ("UpgradeClients", ["true", "false"], ["1", "\"yes\"", "null"]),
        ("Preference", ["0", "7", "null"], ["-1", "8", "256"]),
    ];

    private static IEnumerable<TestCaseData> GoodValues() => Keys.SelectMany(key =>
        key.Good.Select(value => new TestCaseData(key.Key, value).SetArgDisplayNames(key.Key, value)));

    private static IEnumerable<TestCaseData> BadValues() => Keys.SelectMany(key =>
        key.Bad.Select(value => new TestCaseData(key.Key, value).SetArgDisplayNames(key.Key, value)));

    [TestCaseSource(nameof(GoodValues))]
    public void GoodValue_IsTaken(string key, string value) => Assert.That(ErrorsOf(key, value), Is.Empty);

    [TestCaseSource(nameof(BadValues))]
    public void BadValue_IsRefusedUnderItsPath(string key, string value)
    {
        var errors = ErrorsOf(key, value);
        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors[0], Does.StartWith($"Middlebox:Policy:Rules:0:{key}: "));
    }

    [Test]
    public void Share_ThatIsNoNumber_SaysWhatWouldBeRight() => Assert.That(
        ErrorsOf("Share", "\"half\""),
        Is.EqualTo(new[] { "Middlebox:Policy:Rules:0:Share: expected a number such as 0.5, found 'half'" }));

    [TestCase("Defer")]
    [TestCase("Bypass")]
    public void UpgradeClients_WithAnotherActionThanServe_IsRefused(string action)
    {
        var errors = ConfigurationText.ErrorsOf(ConfigurationText.Section(
            $$""" "Policy": { "Rules": [ { "Action": "{{action}}", "UpgradeClients": true } ] } """));
        Assert.That(errors, Is.EqualTo(new[] { "Middlebox:Policy:Rules:0:UpgradeClients: must be false unless the Action is Serve" }));
    }

    [Test]
    public void EveryKey_IsInThisTable() => Assert.That(
        Keys.Select(key => key.Key),
        Is.EquivalentTo(typeof(PolicyRuleOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite).Select(property => property.Name)));

    private static IReadOnlyList<string> ErrorsOf(string key, string value)
    {
        var keys = new Dictionary<string, string> { ["Action"] = "\"Serve\"", [key] = value };
        var rule = string.Join(", ", keys.Select(pair => $"\"{pair.Key}\": {pair.Value}"));
        return ConfigurationText.ErrorsOf(ConfigurationText.Section($$""" "Policy": { "Rules": [ { {{rule}} } ] } """));
    }
}
