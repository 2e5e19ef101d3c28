using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;

namespace Middlebox.Negotiation.Tests.Contexts;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class SourceCountsTests
{
    private static readonly HostEndpoint Server = HostEndpoint.Parse("198.18.9.2:80");

    private readonly SourceCounts _counts = new();

    [TestCase("198.18.1.2", "198.18.1.2", true)]
    [TestCase("198.18.1.2", "198.18.1.3", false)]
    [TestCase("2001:db8:1::2", "2001:db8:1::ffff:0:0:3", true)]
    [TestCase("2001:db8:1::2", "2001:db8:1:1::2", false)]
    [TestCase("::1", "::", true)]
    public void Addresses_OfOneHost_AreOneSource(string first, string second, bool isSame)
    {
        _counts.Add(Flow(first, 1));
        Assert.That(_counts.HasRoom(Flow(second, 2), 1), Is.EqualTo(!isSame));
    }

    [Test]
    public void Sources_AreAsManyAsHaveContexts()
    {
        for (var i = 0; i < 1000; i++)
            _counts.Add(Flow($"198.18.{i % 250}.2", i));
        Assert.That(_counts.Count, Is.EqualTo(250));
        for (var i = 0; i < 1000; i++)
            _counts.Remove(Flow($"198.18.{i % 250}.2", i));
        Assert.That(_counts.Count, Is.Zero);
    }

    [Test]
    public void TenThousandSources_AfterAsManyBefore_AllocateNothing()
    {
        Fill();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Fill()
        {
            Span<byte> address = stackalloc byte[HostAddress.Ipv4Length];
            for (var round = 0; round < 2; round++)
            {
                for (var i = 0; i < 10_000; i++)
                {
                    (address[2], address[3]) = ((byte)(i >> 8), (byte)i);
                    var flow = new FlowKey(new HostEndpoint(HostAddress.FromIpv4(address), new PortNumber(1)), Server);
                    if (round == 0)
                        _counts.Add(in flow);
                    else
                        _counts.Remove(in flow);
                }
            }
        }
    }

    private static FlowKey Flow(string client, int port) =>
        new(new HostEndpoint(HostAddress.Parse(client), new PortNumber((ushort)(1000 + port))), Server);
}
