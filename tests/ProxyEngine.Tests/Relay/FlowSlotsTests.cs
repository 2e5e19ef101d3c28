using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Native;
using Middlebox.ProxyEngine.Relay;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.ProxyEngine.Tests.Relay;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class FlowSlotsTests
{
    private readonly FlowSlots _slots = new();
    private readonly FlowSurvival _survival = new(keeper: null, maxFlows: 1, NullLogger<FlowSurvival>.Instance);

    [Test]
    public void Flows_MoreThanTheFirstBlock_EachHasANumberOfItsOwn()
    {
        var flows = Enumerable.Range(0, 500).Select(_ => Add()).ToList();
        Assert.That(flows.Select(flow => flow.Slot), Is.Unique);
        Assert.That(flows.Select(flow => _slots[flow.Slot]), Is.EqualTo(flows));
    }

    [Test]
    public void Number_OfVacatedFlow_IsNotGivenAgainBeforeItIsRecycled()
    {
        var flow = Add();
        _slots.Vacate(flow);
        Assert.That(_slots[flow.Slot], Is.Null);
        Assert.That(Add().Slot, Is.Not.EqualTo(flow.Slot));
        _slots.Recycle(flow);
        Assert.That(_slots[flow.Slot], Is.Null);
        var next = Add();
        Assert.That(next.Slot, Is.EqualTo(flow.Slot));
        Assert.That(_slots[flow.Slot], Is.SameAs(next));
    }

    [Test]
    public void Enumeration_YieldsThoseThatAreThere_AndBearsVacating()
    {
        var flows = Enumerable.Range(0, 100).Select(_ => Add()).ToList();
        foreach (var flow in flows.Where((_, i) => i % 3 == 0))
            _slots.Vacate(flow);
        List<Flow> seen = [];
        foreach (var flow in _slots)
        {
            seen.Add(flow);
            _slots.Vacate(flow);
        }

        Assert.That(seen, Is.EqualTo(flows.Where((_, i) => i % 3 != 0)));
        foreach (var _ in _slots)
            Assert.Fail("all have been vacated");
    }

    [Test]
    public void Numbers_AreUsedAgain_SoThatTheTableDoesNotGrowForEver()
    {
        for (var i = 0; i < 10_000; i++)
        {
            var flow = Add();
            _slots.Vacate(flow);
            _slots.Recycle(flow);
            Assert.That(flow.Slot, Is.Zero);
        }
    }

    private Flow Add()
    {
        var identity = FlowIdentity.Of(Handshakes.Create(), isMptcp: false, token: null, default);
        var flow = new Flow(identity, new Leg(new FileDescriptor()), new Leg(new FileDescriptor()), _survival, record: 0, drainMilliseconds: 0);
        _slots.Add(flow);
        return flow;
    }
}
