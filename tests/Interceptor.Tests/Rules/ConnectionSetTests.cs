using Middlebox.Interceptor.Rules;

namespace Middlebox.Interceptor.Tests.Rules;

[Parallelizable(ParallelScope.All)]
public sealed class ConnectionSetTests
{
    [TestCase(65_536, 524_288, 131_072)]
    [TestCase(4_194_304, 33_554_432, 8_388_608)]
    [TestCase(1, 65_536, 16_384)]
    public void Create_HasRoomForManyMoreThanTheContexts(int contexts, int entries, int buckets) => Assert.That(
        string.Join(' ', ConnectionSet.CreateCommand(RuleFamily.IPv6, contexts)),
        Is.EqualTo("ipset -exist create MBX-SYN6 hash:ip,port,ip family inet6 timeout 60 forceadd"
            + $" maxelem {entries} hashsize {buckets}"));

    [Test]
    public void Destroy_NamesTheSetOfTheFamily() => Assert.That(
        ConnectionSet.DestroyCommand(RuleFamily.IPv4), Is.EqualTo(new[] { "ipset", "destroy", "MBX-SYN4" }));
}
