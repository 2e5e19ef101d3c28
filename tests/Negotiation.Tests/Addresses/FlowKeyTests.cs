using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Tests.Wire;

namespace Middlebox.Negotiation.Tests.Addresses;

[TestFixture]
public sealed class FlowKeyTests
{
    private static readonly FlowKey Flow =
        new(HostEndpoint.Parse("198.18.1.2:40000"), HostEndpoint.Parse("[2001:db8::1]:80"));

    [Test]
    public void Text_IsClientThenServer() =>
        Assert.That(Flow.ToString(), Is.EqualTo("198.18.1.2:40000 > [2001:db8::1]:80"));

    [Test]
    public void Reversed_ExchangesRolesAndIsAnotherFlow()
    {
        Assert.That(Flow.Reversed, Is.EqualTo(new FlowKey(Flow.Server, Flow.Client)));
        Assert.That(Flow.Reversed, Is.Not.EqualTo(Flow));
        Assert.That(Flow.Reversed.Reversed, Is.EqualTo(Flow));
    }

    [Test]
    public void EqualFlows_HaveEqualHashes() =>
        WireGen.Holds(WireGen.Flow, static flow =>
            new FlowKey(flow.Client, flow.Server).GetHashCode() == flow.GetHashCode());

    // An attacker varies addresses, or words that cancel out under XOR, and hopes for one bucket.
    [TestCase("198.18.{0}.{1}", 40000)]
    [TestCase("2001:db8::{0}:{1}", 40000)]
    [TestCase("2001:db8:{0}:{1}:0:0:{0}:{1}", 40000)]
    public void ChosenClients_SpreadOverBuckets(string format, int port)
    {
        const int Buckets = 1024;
        var counts = new int[Buckets];
        for (var i = 0; i < 16 * Buckets; i++)
        {
            var text = string.Format(null, format, i / 256, i % 256);
            var client = new HostEndpoint(HostAddress.Parse(text), new PortNumber((ushort)port));
            counts[(uint)new FlowKey(client, Flow.Server).GetHashCode() % Buckets]++;
        }

        Assert.That(counts.Max(), Is.LessThan(64), "16 per bucket are expected");
    }

    [Test]
    public void Ports_SpreadOverBuckets()
    {
        const int Buckets = 1024;
        var counts = new int[Buckets];
        for (var port = 0; port < 16 * Buckets; port++)
        {
            var client = Flow.Client with { Port = new PortNumber((ushort)port) };
            counts[(uint)new FlowKey(client, Flow.Server).GetHashCode() % Buckets]++;
        }

        Assert.That(counts.Max(), Is.LessThan(64), "16 per bucket are expected");
    }
}
