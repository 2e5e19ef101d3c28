using Middlebox.Appliance.Host;

namespace Middlebox.Appliance.Tests.Host;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class KernelMptcpCountersTests
{
    [Test]
    public void Group_IsReadByTheNamesAboveItsValues() => Assert.That(
        KernelMptcpCounters.Parse(["TcpExt: SyncookiesSent", "TcpExt: 9", "MPTcpExt: MPJoinSynRx MPJoinAckRx", "MPTcpExt: 3 2"]),
        Is.EqualTo(new Dictionary<string, long> { ["MPJoinSynRx"] = 3, ["MPJoinAckRx"] = 2 }));

    [Test]
    public void KernelWithoutMptcp_HasNone() => Assert.That(KernelMptcpCounters.Parse(["TcpExt: A", "TcpExt: 1"]), Is.Empty);

    // An exporter of a name that no kernel has would show nothing, and nobody would notice.
    [Test]
    public void TellingCounters_AreOfThisKernel()
    {
        var known = KernelMptcpCounters.Read();
        Assume.That(known, Is.Not.Empty, "this kernel has no MPTCP");
        Assert.That(KernelMptcpCounters.Telling.Where(name => !known.ContainsKey(name)), Is.Empty);
    }
}
