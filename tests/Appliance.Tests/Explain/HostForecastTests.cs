using Middlebox.Appliance.Explain;
using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Tests.Explain;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class HostForecastTests
{
    private const string Own = "198.18.1.2";

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

    [TestCase("198.18.1.3:1", true)]
    [TestCase("198.18.1.2:1", false)]
    public void OthersConnections_AndAHostWithoutProxies_HaveNone(string client, bool hasProxies)
    {
        var connection = new FlowKey(HostEndpoint.Parse(client), HostEndpoint.Parse("198.18.10.2:80"));
        Assert.That(HostForecast.Of(hasProxies ? Options : new HostProxyOptions(), in connection, address => address == Own), Is.Null);
    }

    private static string Describe(string server, HostProxyOptions? options = null)
    {
        var connection = new FlowKey(HostEndpoint.Parse($"{Own}:0"), HostEndpoint.Parse(server));
        return HostForecast.Of(options ?? Options, in connection, address => address == Own)!.Describe();
    }
}
