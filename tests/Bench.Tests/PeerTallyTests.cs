using System.Net;
using Middlebox.Bench.Load;
using Middlebox.Native;

namespace Middlebox.Bench.Tests;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class PeerTallyTests
{
    [Test]
    public void SameEndpoints_OtherOrder_Equal() =>
        Assert.That(Of("198.18.1.3:80", "198.18.1.4:81"), Is.EqualTo(Of("198.18.1.4:81", "198.18.1.3:80")));

    [TestCase("198.18.1.3:80", "198.18.1.3:81")]
    [TestCase("198.18.1.3:80", "198.18.2.3:80")]
    public void AnotherEndpoint_Differs(string one, string other) => Assert.That(Of(one), Is.Not.EqualTo(Of(other)));

    [Test]
    public void SumsOfPorts_DoNotCoincide() => Assert.That(Of("1.1.1.1:1", "1.1.1.1:4"), Is.Not.EqualTo(Of("1.1.1.1:2", "1.1.1.1:3")));

    [Test]
    public void KernelsAddress_CountsAsTheSame()
    {
        var address = sockaddr.From([198, 18, 1, 3], 40_000);
        Assert.That(default(PeerTally).With(ref address), Is.EqualTo(Of("198.18.1.3:40000")));
    }

    [Test]
    public void Difference_IsWhatCameSince() =>
        Assert.That(Of("1.1.1.1:1", "1.1.1.1:2") - Of("1.1.1.1:1"), Is.EqualTo(Of("1.1.1.1:2")));

    private static PeerTally Of(params string[] endpoints) =>
        endpoints.Aggregate(default(PeerTally), (tally, endpoint) => tally.With(IPEndPoint.Parse(endpoint)));
}
