using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Logs;

/// <summary>A box that tells of each connection, in JSON, and more connections than it may tell of.</summary>
public sealed class FloodedLogTests() : ServingLabFixture("one-proxy")
{
    private const int FlowBegan = 3003;
    private const int LeftOut = 4600;
    private const int Connections = 60;
    private const int MostPerSecond = 5;

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Boxes = [.. shipped.Boxes.Select(box => box.WithSettings(new Dictionary<string, string>
        {
            ["Middlebox:Logs:Format"] = "Json",
            ["Middlebox:Logs:Level"] = "Debug",
            ["Middlebox:Logs:MaxPerSecond"] = $"{MostPerSecond}",
        }))],
    };

    [Test]
    public async Task Connections_FasterThanTheLimit_AreLeftOutAndCounted_OneEventALine()
    {
        var begun = DateTime.UtcNow;
        for (var i = 0; i < Connections; i++)
            (await ConnectAsync(AddressFamily.InterNetwork)).Dispose();
        var seconds = (int)Math.Ceiling((DateTime.UtcNow - begun).TotalSeconds) + 1;

        await Condition.WaitAsync(
            () => Task.FromResult(Told() + NotTold() == Connections), Patience, "each connection is told of, or counted", Deadline);
        Assert.That(Told(), Is.InRange(MostPerSecond, MostPerSecond * seconds));
        Assert.That(NotTold(), Is.Positive, "or the load was none");
    }

    private int Told() => Events().Count(line => Number(line) == FlowBegan);

    private int NotTold() => Events()
        .Where(line => Number(line) == LeftOut && line.GetProperty("State").GetProperty("Number").GetInt32() == FlowBegan)
        .Sum(line => line.GetProperty("State").GetProperty("Count").GetInt32());

    private static int Number(JsonElement line) => line.GetProperty("EventId").GetInt32();

    /// <summary>Every line that is finished.</summary>
    private List<JsonElement> Events() =>
        [.. Box.BoxLog.Split('\n')[..^1].Select(line => JsonElement.Parse(line))];
}
