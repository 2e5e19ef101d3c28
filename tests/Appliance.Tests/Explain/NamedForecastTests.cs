using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Reports;
using Middlebox.Interceptor.Addressed;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Tests.Explain;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class NamedForecastTests
{
    private const string Client = "198.18.1.2:0";
    private const string Section = "Middlebox:Addressed:";

    private static readonly AddressedOptions Options = new()
    {
        Listen = ["198.18.3.2:5125"],
        Clients = ["198.18.1.0/24", "2001:db8:1::/64"],
        Servers = ["198.18.0.0/15", "169.254.0.0/16", "2001:db8::/32"],
        Ports = "80,443",
    };

    [TestCase(Client, "198.51.100.2:443", Reason.ServerNotAllowed, "Servers")]
    [TestCase(Client, "198.18.11.2:22", Reason.ServerNotAllowed, "Ports")]
    [TestCase(Client, "198.51.100.2:22", Reason.ServerNotAllowed, "Servers Ports")]
    [TestCase(Client, "169.254.0.1:80", Reason.ServerNotAllowed, "")]
    [TestCase(Client, "127.0.0.1:80", Reason.InvalidDestination, "")]
    [TestCase(Client, "198.18.3.2:80", Reason.OwnAddress, "")]
    [TestCase(Client, "198.18.1.3:80", Reason.Hairpin, "Hairpinning")]
    [TestCase("198.18.2.2:0", "198.18.11.2:443", Reason.ClientNotAllowed, "Clients")]
    [TestCase("[2001:db8:1::2]:0", "[2001:db8:11::2]:443", Reason.OtherFamily, "Listen")]
    [TestCase(Client, "198.18.11.2:443", Reason.NamedServerRelayed, "")]
    public void Server_IsAssessedAsItsSynWouldBe_AndTheKeysAreNamed(string client, string server, Reason reason, string keys)
    {
        var forecast = Of(Options, client, server)!;
        Assert.That(forecast.Reason, Is.EqualTo(reason));
        Assert.That(forecast.Keys, Is.EqualTo(keys.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(key => Section + key)));
    }

    [Test]
    public void Refusal_IsTold_WithItsKeyAndReason()
    {
        Assert.That(
            Of(Options, Client, "198.51.100.2:443")!.Describe(),
            Is.EqualTo($"refused with a reset, by {Section}Servers: {Reason.ServerNotAllowed.Describe()}"));
        Assert.That(
            Of(Options, Client, "127.0.0.1:80")!.Describe(), Is.EqualTo($"refused with a reset, whatever is allowed: {Reason.InvalidDestination.Describe()}"));
    }

    [TestCase("", false, "relayed to the server")]
    [TestCase("/etc/keys", false, "relayed to the server, unless it has a wrong tag")]
    [TestCase("/etc/keys", true, "relayed to the server, if it has a tag that was made with one of the keys here")]
    public void Tags_AreTold(string keyFile, bool requireTag, string expected) =>
        Assert.That(Of(Options with { KeyFile = keyFile, RequireTag = requireTag }, Client, "198.18.11.2:443")!.Describe(), Is.EqualTo(expected));

    [Test]
    public void BoxToWhichNoServerCanBeNamed_HasNone() => Assert.That(Of(new AddressedOptions(), Client, "198.18.11.2:443"), Is.Null);

    private static NamedForecastReport? Of(AddressedOptions options, string client, string server) => NamedForecast.Of(
        options, new FlowKey(HostEndpoint.Parse(client), HostEndpoint.Parse(server)), address => address == HostAddress.Parse("198.18.3.2"));
}
