using Middlebox.Appliance.Dashboard;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.Appliance.Tests.Dashboard;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class DashboardHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DashboardHistory _history = new();

    [Test]
    public void Totals_BecomeRatesAndCounts()
    {
        Add(0, up: 1000, down: 2000, served: 3);
        Add(2, up: 2000, down: 2500, served: 5);
        var sample = _history.After(0).Single();
        Assert.That(sample.Up, Is.EqualTo(4000));
        Assert.That(sample.Down, Is.EqualTo(2000));
        Assert.That(sample.Time, Is.EqualTo(Start.AddSeconds(2).ToUnixTimeMilliseconds()));
        Assert.That(sample.Decided, Is.EqualTo(new Dictionary<Reason, long> { [Reason.ServerCapable] = 2 }));
        Assert.That(sample.Paths, Is.Null, "nobody looked");
    }

    [Test]
    public void Samples_AreKeptForTenMinutes_AndToldFromWhereTheAskerIs()
    {
        for (var second = 0; second <= DashboardHistory.Capacity + 10; second++)
            Add(second);
        Assert.That(_history.After(0), Has.Count.EqualTo(DashboardHistory.Capacity));
        Assert.That(_history.After(DashboardHistory.Capacity + 8).Select(sample => sample.Number), Is.EqualTo(new[] { 609, 610 }));
    }

    [Test]
    public void Subflows_AddUpToTheRatesOfTheirPaths()
    {
        Add(0, readings: [Flow(1, (1, 0, 0), (2, 0, 0)), Flow(2, (1, 0, 0))]);
        Add(1, readings: [Flow(1, (1, 100, 10), (2, 50, 5)), Flow(2, (1, 25, 0))]);
        Assert.That(
            _history.After(0).Single().Paths,
            Is.EqualTo(new Dictionary<string, PathRate> { ["198.18.1.0/24"] = new(1000, 80), ["198.18.2.0/24"] = new(400, 40) }));
        Assert.That(_history.Flows.Values.Single(flow => flow.Reading.Key.Client.Port.Value == 1).Subflows, Has.Count.EqualTo(2));
    }

    [Test]
    public void FirstLook_TellsNoRatesOfConnectionsThatWereThereBefore()
    {
        Add(0);
        Add(1, readings: [Flow(1, (1, 1_000_000, 0))]);
        Assert.That(_history.Flows.Values.Single().Subflows[0].Rate, Is.EqualTo(default(PathRate)));
        Assert.That(_history.After(0).Single().Paths, Is.Null);
    }

    [Test]
    public void ConnectionThatHasJustBegun_CountsWhole()
    {
        Add(0, readings: [Flow(1, (1, 0, 0))]);
        Add(1, readings: [Flow(1, (1, 0, 0)), Flow(2, (1, 100, 0)) with { Since = Start.AddSeconds(0.5) }]);
        Assert.That(_history.After(0).Single().Paths!["198.18.1.0/24"].Up, Is.EqualTo(800));
    }

    [Test]
    public void SubflowsThatCouldNotBeRead_KeepWhatTheyHad()
    {
        Add(0, readings: [Flow(1, (1, 0, 0))]);
        Add(1, readings: [Flow(1, (1, 100, 0))]);
        Add(2, readings: [Flow(1) with { Subflows = [] }]);
        Assert.That(_history.Flows.Values.Single().Subflows.Single().Rate.Up, Is.EqualTo(800));
    }

    [Test]
    public void PlainTcp_HasOnePath()
    {
        Add(0, readings: [Flow(1) with { Token = null, Client = new LegReading(0, 0, 1, 0, 0, 10) }]);
        Add(1, readings: [Flow(1) with { Token = null, Client = new LegReading(10, 20, 1, 0, 0, 10) }]);
        Assert.That(_history.After(0).Single().Paths!["198.18.1.0/24"], Is.EqualTo(new PathRate(80, 160)));
    }

    [Test]
    public void ManyPaths_AreBounded()
    {
        var none = Enumerable.Range(1, 20).Select(network => Flow(network, (network, 0, 0))).ToList();
        var some = Enumerable.Range(1, 20).Select(network => Flow(network, (network, network * 10, 0))).ToList();
        Add(0, readings: none);
        Add(1, readings: some);
        var paths = _history.After(0).Single().Paths!;
        Assert.That(paths, Has.Count.EqualTo(7));
        Assert.That(paths["198.18.20.0/24"].Up, Is.EqualTo(1600));
        Assert.That(paths[DashboardHistory.OtherPaths].Up, Is.EqualTo(Enumerable.Range(1, 14).Sum() * 80));
    }

    [TestCase("198.18.1.2", "198.18.1.0/24")]
    [TestCase("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void Path_IsTheNetworkOfTheClient(string address, string name) =>
        Assert.That(PathName.Of(HostAddress.Parse(address)), Is.EqualTo(name));

    private void Add(double second, long up = 0, long down = 0, long served = 0, IReadOnlyList<FlowReading>? readings = null) => _history.Add(
        Start.AddSeconds(second),
        new BoxTotals(up, down, 1, 2, new Dictionary<Reason, long> { [Reason.ServerCapable] = served }),
        readings);

    private static FlowReading Flow(int port, params (int Network, long Received, long Acknowledged)[] subflows)
    {
        var server = HostEndpoint.Parse("198.18.10.2:80");
        return new FlowReading(
            new FlowKey(HostEndpoint.Parse($"198.18.1.2:{port}"), server),
            Token: 7,
            Start.AddSeconds(-10),
            0,
            0,
            [
                .. subflows.Select(subflow => new SubflowReading(
                    new Subflow(server, HostEndpoint.Parse($"198.18.{subflow.Network}.2:{port}")),
                    new LegReading(subflow.Received, subflow.Acknowledged, 1000, 0, 0, 10))),
            ],
            Client: null,
            Server: null,
            Reason.ServerLegacy,
            IsClaimed: false);
    }
}
