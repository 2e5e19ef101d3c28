using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Listeners;

namespace Middlebox.ProxyEngine.Tests.Listeners;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ListenerKeyTests
{
    [Test]
    public void Number_OfEveryKey_LeadsBackToIt()
    {
        var numbers = new HashSet<uint>();
        for (var port = 0; port <= ushort.MaxValue; port++)
        {
            foreach (var isIpv4 in new[] { true, false })
            {
                var key = new ListenerKey(isIpv4, new PortNumber((ushort)port));
                if (!numbers.Add(key.Number) || key.Number >= 1 << 17 || ListenerKey.FromNumber(key.Number) != key)
                    Assert.Fail($"{key} has the number {key.Number}, which is {ListenerKey.FromNumber(key.Number)}");
            }
        }

        Assert.That(numbers, Has.Count.EqualTo(2 * 65536));
    }

    [TestCase("198.18.9.2:80", true, 80)]
    [TestCase("[2001:db8::9]:443", false, 443)]
    public void For_Server_IsItsFamilyAndPort(string server, bool isIpv4, int port) =>
        Assert.That(
            ListenerKey.For(HostEndpoint.Parse(server)),
            Is.EqualTo(new ListenerKey(isIpv4, new PortNumber((ushort)port))));
}
