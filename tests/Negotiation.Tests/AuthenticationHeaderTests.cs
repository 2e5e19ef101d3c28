namespace Middlebox.Negotiation.Tests;

/// <summary>Packets that IPsec AH signs: for IPv6 only, because IPv4 has AH as a protocol of its own.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class AuthenticationHeaderTests
{
    [Test]
    public void Syn_WithAuthenticationHeader_Bypassed()
    {
        var box = new NegotiatorBench("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80");
        var syn = box.MptcpSyn().Ipv6ExtensionHeader(51, [4, 0, 0, .. new byte[20]]).Build();
        Assert.That(box.Decide(syn), Is.EqualTo(Decision.Forward(Reason.IpAuthentication)));
        Assert.That(box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.IpAuthentication] = 1 }));
        Assert.That(box.Negotiator.ContextsCreated, Is.Zero);
    }
}
