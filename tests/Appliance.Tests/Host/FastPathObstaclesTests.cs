using Middlebox.Appliance.Host;
using Middlebox.Interceptor;

namespace Middlebox.Appliance.Tests.Host;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class FastPathObstaclesTests
{
    private const string Usual = "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n";
    private const string Own = "30303:\tfrom all fwmark 0x1000000/0xf000000 lookup 30303\n";

    [TestCase("", null)]
    [TestCase(Usual, null)]
    [TestCase(Own + Usual, null)]
    [TestCase("100:\tfrom 198.18.2.2 lookup 2\n" + Own + Usual, null)]
    [TestCase(Own + "200:\tfrom all fwmark 0x2 lookup 7\n" + Usual, "200:\tfrom all fwmark 0x2 lookup 7")]
    [TestCase("200:\tnot from all fwmark 0x1000000/0xff000000 lookup 7\n", "200:\tnot from all fwmark 0x1000000/0xff000000 lookup 7")]
    public void RoutingRules_OfOthersThatGoByMarks(string rules, string? found) => Assert.That(
        FastPathObstacles.InRules(rules, PacketMarks.Parse("0x0f000000")), Is.EqualTo(found is null ? null : $"a routing rule goes by marks, which rules set: {found}"));

    [TestCase("", null)]
    [TestCase("src 198.18.0.0/15 dst 198.18.8.0/21 \n\tdir fwd priority 7 \n\ttmpl src 0.0.0.0 dst 0.0.0.0\n", "there are IPsec policies: dir fwd priority 7")]
    [TestCase("src 0.0.0.0/0 dst 0.0.0.0/0 \n\tsocket in priority 0 \n", null)]
    public void Policies_ButThoseOfSockets(string policies, string? found) => Assert.That(FastPathObstacles.InPolicies(policies), Is.EqualTo(found));
}
