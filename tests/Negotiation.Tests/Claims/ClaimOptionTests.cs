using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;

namespace Middlebox.Negotiation.Tests.Claims;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ClaimOptionTests
{
    private static readonly FlowKey Flow = new(HostEndpoint.Parse("198.18.1.2:40000"), HostEndpoint.Parse("198.18.9.2:80"));

    [Test]
    public void SameClaim_SameConnection_Equal()
    {
        var (first, second) = (Write(1), Write(1));
        Assert.That(first, Is.EqualTo(second));
        Assert.That(first == second, Is.True);
        Assert.That(first.GetHashCode(), Is.EqualTo(second.GetHashCode()));
    }

    [Test]
    public void OtherConnection_NotEqual()
    {
        Assert.That(Write(1), Is.Not.EqualTo(Write(2)));
        Assert.That(Write(1) != Write(2), Is.True);
        Assert.That(Write(1), Is.Not.EqualTo(default(ClaimOption)));
    }

    [TestCase(new byte[] { 30, 6, 0xF8, 0, 0, 1 }, true)]
    [TestCase(new byte[] { 30, 3, 0xF8 }, true)]
    [TestCase(new byte[] { 30, 6, 0xF7, 0, 0, 1 }, false)]
    [TestCase(new byte[] { 30, 2 }, false)]
    [TestCase(new byte[] { }, false)]
    public void IsClaim_IfItHasP(byte[] option, bool expected) => Assert.That(ClaimOption.IsClaim(option), Is.EqualTo(expected));

    private static ClaimOption Write(uint isn) => SynClaims.Write(Flow, isn, new ProxyClaim(1, 1), Operator.Keys);
}
