using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConverterPolicyTests
{
    private const string Client = "198.18.1.2";

    [TestCase("198.51.100.7:80", ConvertRefusal.None)]
    [TestCase("[2001:db8::9]:443", ConvertRefusal.None)]
    [TestCase("198.51.100.7:0", ConvertRefusal.InvalidDestination)]
    [TestCase("127.0.0.1:80", ConvertRefusal.InvalidDestination)]
    [TestCase("127.255.3.4:80", ConvertRefusal.InvalidDestination)]
    [TestCase("[::1]:80", ConvertRefusal.InvalidDestination)]
    [TestCase("0.0.0.0:80", ConvertRefusal.InvalidDestination)]
    [TestCase("[::]:80", ConvertRefusal.InvalidDestination)]
    [TestCase("[::127.0.0.1]:80", ConvertRefusal.InvalidDestination)]
    [TestCase("224.0.0.1:80", ConvertRefusal.InvalidDestination)]
    [TestCase("239.255.255.250:80", ConvertRefusal.InvalidDestination)]
    [TestCase("[ff02::1]:80", ConvertRefusal.InvalidDestination)]
    [TestCase("255.255.255.255:80", ConvertRefusal.InvalidDestination)]
    [TestCase("[64:ff9b::7f00:1]:80", ConvertRefusal.InvalidDestination)]
    [TestCase("[64:ff9b::c633:6407]:80", ConvertRefusal.None)]
    [TestCase("169.254.169.254:80", ConvertRefusal.ServerNotAllowed)]
    [TestCase("[fe80::1]:80", ConvertRefusal.ServerNotAllowed)]
    public void AnyServerAllowed(string server, ConvertRefusal expected) =>
        Assert.That(Policy().Assess(HostAddress.Parse(Client), HostEndpoint.Parse(server)), Is.EqualTo(expected));

    [Test]
    public void Client_InNoPrefix_IsRefused()
    {
        var server = HostEndpoint.Parse("198.51.100.7:80");
        Assert.That(Policy().Assess(HostAddress.Parse("198.20.1.2"), server), Is.EqualTo(ConvertRefusal.ClientNotAllowed));
        Assert.That(new ConverterPolicy([], [AddressPrefix.Any], PortSet.Any, true).Assess(HostAddress.Parse(Client), server), Is.EqualTo(ConvertRefusal.ClientNotAllowed));
    }

    [TestCase("198.51.100.7:80", ConvertRefusal.None)]
    [TestCase("198.51.100.7:25", ConvertRefusal.ServerNotAllowed)]
    [TestCase("198.51.101.7:80", ConvertRefusal.ServerNotAllowed)]
    public void Server_OutsideOfPrefixesOrPorts_IsRefused(string server, ConvertRefusal expected)
    {
        var policy = new ConverterPolicy([AddressPrefix.Any], [AddressPrefix.Parse("198.51.100.0/24")], PortSet.Parse("80,443"), true);
        Assert.That(policy.Assess(HostAddress.Parse(Client), HostEndpoint.Parse(server)), Is.EqualTo(expected));
    }

    [TestCase(true, ConvertRefusal.None)]
    [TestCase(false, ConvertRefusal.Hairpin)]
    public void ServerThatIsAClient(bool hairpinning, ConvertRefusal expected) =>
        Assert.That(Policy(hairpinning).Assess(HostAddress.Parse(Client), HostEndpoint.Parse("198.18.1.3:80")), Is.EqualTo(expected));

    private static ConverterPolicy Policy(bool hairpinning = true) =>
        new([AddressPrefix.Parse("198.18.0.0/16"), AddressPrefix.Parse("2001:db8:1::/64")], [AddressPrefix.Any], PortSet.Any, hairpinning);
}
