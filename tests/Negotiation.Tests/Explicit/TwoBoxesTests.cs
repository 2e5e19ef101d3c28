using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Explicit;

/// <summary>Two boxes on one path that divide the connections between them.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class TwoBoxesTests
{
    private const int Connections = 2_000;

    // The second box takes what the first one leaves: together all, and none twice.
    [Test]
    public void FirstTakesAShare_SecondTheRest([Values(0.0, 0.25, 0.5, 1.0)] double share)
    {
        var (first, second) = Run(Rule(share), Rule(1));
        Assert.That(first + second, Is.EqualTo(Connections));
        Assert.That(first / (double)Connections, Is.EqualTo(share).Within(0.05));
    }

    // The hash is the same on every box: half of it on both is the same half.
    [Test]
    public void BothTakeTheSameShare_TheRestIsServedByNobody()
    {
        var (first, second) = Run(Rule(0.5), Rule(0.5));
        Assert.That(first, Is.EqualTo(Connections / 2).Within(100));
        Assert.That(second, Is.Zero);
    }

    [Test]
    public void ThreeParts_AreSharesThatAddUp()
    {
        var (first, second) = Run(Rule(0.25), Rule(0.5));
        Assert.That(first, Is.EqualTo(Connections / 4).Within(100));
        Assert.That(second, Is.EqualTo(Connections / 4).Within(100));
    }

    [Test]
    public void FirstIsFull_SecondTakesOver()
    {
        var (first, second) = Run(Rule(1) with { Admission = new FlowAdmission(100, null, TimeProvider.System) }, Rule(1));
        Assert.That(first, Is.EqualTo(100));
        Assert.That(second, Is.EqualTo(Connections - 100));
    }

    private static (long First, long Second) Run(PolicyRule first, PolicyRule second)
    {
        var near = Box(Operator.FirstProxy, first);
        var far = Box(Operator.SecondProxy, second);
        for (var i = 0; i < Connections; i++)
        {
            var client = $"198.18.1.2:{10_000 + i}";
            var syn = PacketBuilder.LinuxMptcpSyn(client, "198.18.9.2:80").Isn((uint)i);
            TcpPacket.Read(syn.Build(), out var segment);
            var claim = near.Decide(in segment).Claim;
            TcpPacket.Read(syn.Option(claim.Bytes).Build(), out segment);
            far.Decide(in segment);
        }

        return (near.ContextsCreated, far.ContextsCreated);
    }

    private static PolicyRule Rule(double share) =>
        new(AddressPrefix.Any, AddressPrefix.Any, PortSet.Any, PolicyAction.Serve, share);

    private static Negotiator Box(ushort id, PolicyRule rule) => new NegotiatorBench(
        "198.18.1.2:1",
        "198.18.9.2:80",
        new NegotiationOptions { MaxContextsPerSource = Connections },
        maxContexts: Connections,
        policy: new PolicyTable([rule], PolicyAction.Bypass),
        settings: Operator.Settings(id)).Negotiator;
}
