using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>Base of tests that change the configuration of serving boxes: each box has a file of its own.</summary>
public abstract class ReloadLabFixture(string topology) : ServingLabFixture(topology)
{
    private const string InForce = " is in force";
    private const string Refused = " is refused";

    private readonly Dictionary<string, BoxConfiguration> _configurations = [];

    /// <summary>Settings that the topology gives to boxes, but which tests want to change: they are left out.</summary>
    protected virtual string SettingsLeftOut => "none";

    protected override Topology Adapt(Topology shipped) =>
        shipped with { Boxes = [.. shipped.Boxes.Select(GiveOwnConfiguration)] };

    [SetUp]
    public async Task BeginWithShippedConfigurations()
    {
        foreach (var box in Boxes)
            await ReloadAsync(box, _ => { });
    }

    [OneTimeTearDown]
    public void RemoveConfigurations()
    {
        foreach (var configuration in _configurations.Values)
            configuration.Dispose();
    }

    /// <summary>The file of a box.</summary>
    protected BoxConfiguration ConfigurationOf(LabHost box) => _configurations[box.Name];

    /// <summary>Changes a box's section Middlebox from the shipped one, and returns when the box goes by it.</summary>
    protected Task ReloadAsync(LabHost box, Action<JsonObject> change) =>
        WaitForLogAsync(box, InForce, () => ConfigurationOf(box).Write(change));

    /// <summary>Does something by which a box reads its configuration again, and returns when it goes by it.</summary>
    protected Task ReloadAsync(LabHost box, Action action) => WaitForLogAsync(box, InForce, action);

    /// <summary>Gives a box a configuration that it refuses, and returns what it has logged about it.</summary>
    protected async Task<string> RefuseAsync(LabHost box, Action action)
    {
        var before = box.BoxLog.Length;
        await WaitForLogAsync(box, Refused, action);
        return box.BoxLog[before..];
    }

    /// <summary>What the box's firewall has of its own.</summary>
    protected static async Task<string> OwnRulesAsync(LabHost box) => await HostState.RulesAsync(box);

    private async Task WaitForLogAsync(LabHost box, string text, Action action)
    {
        var before = Count(box.BoxLog, text);
        action();
        await Condition.WaitAsync(() => Count(box.BoxLog, text) > before, Patience, $"{box.Name} logs \"{text}\"", Deadline);
    }

    private static int Count(string log, string text) => log.Split(text).Length - 1;

    private BoxPlacement GiveOwnConfiguration(BoxPlacement box)
    {
        if (!_configurations.TryGetValue(box.Host, out var configuration))
            _configurations[box.Host] = configuration = new BoxConfiguration(box.Configuration);
        return box with
        {
            Configuration = configuration.FilePath,
            Settings = new Dictionary<string, string>(
                box.Settings.Where(setting => !setting.Key.StartsWith(SettingsLeftOut, StringComparison.Ordinal))),
        };
    }
}
