using System.Text.Json;
using System.Text.RegularExpressions;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Options.Reference;

namespace Middlebox.Appliance.Tests.Options;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConfigurationReferenceTests
{
    private readonly ConfigurationReference _reference = new();

    [Test]
    public void EveryKey_IsDescribed() =>
        Assert.That(_reference.Keys.Where(key => key.Description.Length == 0).Select(key => key.Path), Is.Empty);

    [TestCase("ProxyEngine:MaxFlows")]
    [TestCase("middlebox:proxyengine:maxflows")]
    public void Key_IsFoundWhateverTheCase(string path)
    {
        var key = _reference.Find(path).Single();
        Assert.That((key.Path, key.Default, key.IsChangeable), Is.EqualTo(("ProxyEngine:MaxFlows", "8000", false)));
        Assert.That(key.Description, Does.StartWith("Most connections relayed at a time; each takes two descriptors. Default 8,000; 1 to 1,000,000."));
    }

    [Test]
    public void KeyOfARule_IsFound()
    {
        var key = _reference.Find("Policy:Rules:0:Action").Single();
        Assert.That((key.Default, key.IsChangeable), Is.EqualTo(((string?)null, true)));
    }

    [Test]
    public void Section_HasAllOfItsKeys() =>
        Assert.That(_reference.Find("Control").Select(key => key.Path), Is.EqualTo(new[] { "Control:Socket", "Control:Group", "Control:HistoryLength" }));

    [TestCase("ProxyEngine:MaxFlow")]
    [TestCase("Proxy")]
    [TestCase("Nothing")]
    public void UnknownKey_IsNotFound(string path) => Assert.That(_reference.Find(path), Is.Empty);

    [Test]
    public void Schema_KnowsTypesDefaultsAndNames()
    {
        using var schema = JsonDocument.Parse(_reference.Schema());
        var box = schema.RootElement.GetProperty("properties").GetProperty("Middlebox");
        Assert.That(box.GetProperty("additionalProperties").GetBoolean(), Is.False);
        var keys = box.GetProperty("properties");
        Assert.That(keys.GetProperty("Mode").GetProperty("enum").EnumerateArray().Select(name => name.GetString()), Is.EqualTo(Enum.GetNames<NegotiationMode>()));
        var timeout = keys.GetProperty("Negotiation").GetProperty("properties").GetProperty("ServerTimeout");
        Assert.That(timeout.GetProperty("default").GetString(), Is.EqualTo("00:00:30"));
        Assert.That(Regex.IsMatch("00:00:30", timeout.GetProperty("pattern").GetString()!), Is.True);
        var rule = keys.GetProperty("Policy").GetProperty("properties").GetProperty("Rules").GetProperty("items").GetProperty("properties");
        Assert.That(rule.GetProperty("MaxFlows").GetProperty("type").GetString(), Is.EqualTo("integer"));
        Assert.That(rule.GetProperty("Share").GetProperty("type").GetString(), Is.EqualTo("number"));
    }
}
