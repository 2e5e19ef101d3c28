using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Contexts;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class RelayedFlowsTests
{
    private static readonly FlowKey Flow = new(HostEndpoint.Parse("198.18.1.2:40000"), HostEndpoint.Parse("198.18.9.2:80"));
    private static readonly FlowKey Other = new(HostEndpoint.Parse("198.18.1.2:40001"), HostEndpoint.Parse("198.18.9.2:80"));

    private readonly ManualTimeProvider _time = new();
    private readonly RelayedFlows _flows;

    public RelayedFlowsTests() => _flows = new RelayedFlows(_time);

    [Test]
    public void Relayed_IsContained_OthersAreNot()
    {
        _flows.Add(Flow);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.That((_flows.Contains(Flow), _flows.Contains(Other)), Is.EqualTo((true, false)));
    }

    [Test]
    public void Ended_IsContainedForAMoment()
    {
        _flows.Add(Flow);
        _flows.Remove(Flow);
        _time.Advance(RelayedFlows.Linger - TimeSpan.FromTicks(1));
        Assert.That(_flows.Contains(Flow), Is.True);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.That(_flows.Contains(Flow), Is.False);
    }

    [Test]
    public void Ended_RelayedAgain_OutlivesTheEndOfTheFirst()
    {
        _flows.Add(Flow);
        _flows.Remove(Flow);
        _flows.Add(Flow);
        _time.Advance(RelayedFlows.Linger);
        _flows.Add(Other);
        _flows.Remove(Other);
        Assert.That(_flows.Contains(Flow), Is.True);
    }

    [Test]
    public void NeverRelayed_Removed_IsNotContained()
    {
        _flows.Remove(Flow);
        Assert.That(_flows.Contains(Flow), Is.False);
    }
}
