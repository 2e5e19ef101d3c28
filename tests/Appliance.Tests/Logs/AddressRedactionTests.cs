using Middlebox.Appliance.Logs;

namespace Middlebox.Appliance.Tests.Logs;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class AddressRedactionTests
{
    [TestCase("198.18.1.2", "[address]")]
    [TestCase("198.18.1.2:443 > 198.18.10.2:80", "[address]:443 > [address]:80")]
    [TestCase("198.18.0.0/15", "[address]/15")]
    [TestCase("(198.18.1.2)", "([address])")]
    [TestCase("from 198.18.1.2.", "from [address].")]
    [TestCase("2001:db8::1", "[address]")]
    [TestCase("[2001:db8::1]:443", "[[address]]:443")]
    [TestCase("2001:db8:1::/64", "[address]/64")]
    [TestCase("::1 and ::", "[address] and [address]")]
    [TestCase("fe80::1%eth0", "[address]")]
    [TestCase("::ffff:198.18.1.2", "[address]")]
    [TestCase("2001:0db8:0000:0000:0000:0000:0000:0001", "[address]")]
    [TestCase("to 2001:db8::1: it failed", "to [address]: it failed")]
    [TestCase("Server:2001:db8::1:", "Server:[address]:")]
    [TestCase("to 2001:db8::1.", "to [address].")]
    [TestCase("port 443 (IPv4)", "port 443 (IPv4)")]
    [TestCase("at 12:30:45, Middlebox:ProxyEngine:MaxFlows", "at 12:30:45, Middlebox:ProxyEngine:MaxFlows")]
    [TestCase("version 1.2.3, 1.5 s, 00:01:00", "version 1.2.3, 1.5 s, 00:01:00")]
    public void Text_WithoutAddresses(string text, string expected) => Assert.That(AddressRedaction.Of(text), Is.EqualTo(expected));

    [Test]
    public void Packet_IsTakenOutWhole() =>
        Assert.That(AddressRedaction.Of($"report it: {new string('4', 80)}"), Is.EqualTo("report it: [packet]"));
}
