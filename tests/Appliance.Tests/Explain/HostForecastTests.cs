using Middlebox.Appliance.Explain;
using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Tests.Explain;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class HostForecastTests
{
    private static readonly HostProxyOptions Options = new()
    {
        Proxies = ["198.18.3.2:5125"],
        Rules =
        [
            new() { Server = "198.18.10.0/24", Ports = "80,443", User = "alice" },
            new() { Server = "198.18.10.0/24", Cgroup = "user.slice" },
            new() { Server = "2001:db8::/32" },
        ],
    };

    [Test]
    public void RulesThatMatch_AreNamed_WithWhatTheyAskOfPrograms() => Assert.That(
        Describe("198.18.10.2:443"),
        Is.EqualTo("Middlebox:HostProxy:Rules:0 (user alice) or Middlebox:HostProxy:Rules:1 (control group user.slice) sends it to the proxy at 198.18.3.2:5125,"
            + " which is told the server in the SYN, if the program speaks MPTCP"));

    [TestCase("198.18.10.2:22", "Middlebox:HostProxy:Rules:1 (control group user.slice) sends it")]
    [TestCase("198.18.11.2:443", "no rule of HostProxy matches its server and port: it goes directly")]
    [TestCase("[2001:db8::1]:443", "Middlebox:HostProxy:Rules:2 matches, but no proxy is configured for that server: it goes directly")]
    public void Server_IsLookedUp(string server, string expected) => Assert.That(Describe(server), Does.StartWith(expected));

    [Test]
    public void Converter_ServesTheOtherFamilyToo() => Assert.That(
        Describe("[2001:db8::1]:443", Options with { Protocol = HostProxyProtocol.Converter }),
        Is.EqualTo("Middlebox:HostProxy:Rules:2 sends it to the proxy at 198.18.3.2:5125, which is told the server in the first bytes (RFC 8803)"));

    [Test]
    public void HostWithoutProxies_GoesDirectly() =>
        Assert.That(Describe("198.18.10.2:443", new HostProxyOptions()), Is.EqualTo("no rule of HostProxy matches its server and port: it goes directly"));

    private static string Describe(string server, HostProxyOptions? options = null) => HostForecast.Of(options ?? Options, HostEndpoint.Parse(server)).Describe();
}
