using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Negotiation.Tests.Policy;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class FlowShareTests
{
    private const int Flows = 100_000;

    // Ports count up, as those of a client do; addresses and ports differ by one bit at a time.
    private static IEnumerable<FlowKey> SampleFlows(bool isIpv6) => Enumerable.Range(0, Flows).Select(i => new FlowKey(
        Endpoint(isIpv6 ? "2001:db8:1::" : "198.18.1.", 1 + (i / 50_000), 10_000 + (i % 50_000)),
        Endpoint(isIpv6 ? "2001:db8:9::" : "198.18.9.", 2, 443)));

    [Test]
    public void Share_IsWithinOnePercent([Values(0.01, 0.25, 0.5, 0.75, 0.9)] double share, [Values] bool isIpv6) => Assert.That(
        SampleFlows(isIpv6).Count(flow => FlowShare.Includes(in flow, share)) / (double)Flows, Is.EqualTo(share).Within(0.01));

    [TestCase(0.0, 0)]
    [TestCase(1.0, Flows)]
    public void Share_NoneAndAll(double share, int expected) =>
        Assert.That(SampleFlows(isIpv6: false).Count(flow => FlowShare.Includes(in flow, share)), Is.EqualTo(expected));

    // Golden: it must not change between builds, or boxes of two releases would not fit together.
    [TestCase("198.18.1.2:40000", "198.18.9.2:80", 0.700848)]
    [TestCase("198.18.1.2:40001", "198.18.9.2:80", 0.888201)]
    [TestCase("[2001:db8:1::2]:40000", "[2001:db8:9::2]:443", 0.647204)]
    public void Share_IsStable(string client, string server, double expected)
    {
        var flow = new FlowKey(HostEndpoint.Parse(client), HostEndpoint.Parse(server));
        Assert.That(Threshold(in flow), Is.EqualTo(expected).Within(1e-6));
    }

    [Test]
    public void Share_ASmallerOneIsPartOfALargerOne() => Assert.That(
        SampleFlows(isIpv6: false).Take(10_000).All(flow => !FlowShare.Includes(in flow, 0.3) || FlowShare.Includes(in flow, 0.6)));

    [Test]
    public void Share_TheOtherDirectionIsAnotherFlow() => Assert.That(
        SampleFlows(isIpv6: false).Take(10_000)
            .Count(flow => FlowShare.Includes(in flow, 0.5) == FlowShare.Includes(flow.Reversed, 0.5)),
        Is.EqualTo(5_000).Within(300));

    /// <summary>The smallest share that the flow is in.</summary>
    private static double Threshold(in FlowKey flow)
    {
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < 30; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = FlowShare.Includes(in flow, middle) ? (low, middle) : (middle, high);
        }

        return high;
    }

    private static HostEndpoint Endpoint(string prefix, int last, int port) =>
        new(HostAddress.Parse($"{prefix}{last}"), new PortNumber((ushort)port));
}
