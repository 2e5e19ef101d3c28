using Middlebox.Appliance.Host.Uplinks;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Tests.Host.Uplinks;

/// <summary>Which addresses the configured uplinks mean, by what ip -j address show has printed.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class UplinkTests
{
    private static readonly IReadOnlyList<DeviceAddress> Host = DeviceAddress.Parse("""
        [
          { "ifname": "lo", "flags": ["LOOPBACK", "UP", "LOWER_UP"], "addr_info": [ { "family": "inet", "local": "127.0.0.1", "scope": "host" } ] },
          {
            "ifname": "dsl", "flags": ["BROADCAST", "UP", "LOWER_UP"], "addr_info": [
              { "family": "inet", "local": "198.18.3.1", "prefixlen": 24, "scope": "global" },
              { "family": "inet", "local": "198.18.3.9", "prefixlen": 24, "scope": "global", "secondary": true },
              { "family": "inet6", "local": "2001:db8:3::7", "scope": "global", "temporary": true },
              { "family": "inet6", "local": "2001:db8:3::8", "scope": "global", "deprecated": true },
              { "family": "inet6", "local": "2001:db8:3::1", "scope": "global" },
              { "family": "inet6", "local": "fe80::1", "scope": "link" } ]
          },
          {
            "ifname": "lte", "flags": ["BROADCAST", "UP", "LOWER_UP"], "addr_info": [
              { "family": "inet", "local": "198.18.4.1", "scope": "global" },
              { "family": "inet6", "local": "2001:db8:4::1", "scope": "global", "tentative": true },
              {} ]
          },
          { "ifname": "sat", "flags": ["NO-CARRIER", "BROADCAST", "UP"], "addr_info": [ { "family": "inet", "local": "198.18.5.1", "scope": "global" } ] },
          {}, { "ifname": "odd", "flags": ["UP", "LOWER_UP"] },
          { "ifname": "usb", "flags": ["BROADCAST"], "addr_info": [ { "family": "inet", "local": "198.18.6.1", "scope": "global" } ] }
        ]
        """);

    [TestCase("dsl", "", "198.18.3.1 dsl, 2001:db8:3::1 dsl")]
    [TestCase("lte", "", "198.18.4.1 lte", Description = "an address that is being checked for duplicates cannot be bound to")]
    [TestCase("", "2001:db8:3::1", "2001:db8:3::1 dsl")]
    [TestCase("", "198.18.3.9", "198.18.3.9 dsl")]
    [TestCase("lte", "198.18.3.1", "", Description = "the address is on another device")]
    [TestCase("sat", "", "", Description = "no carrier")]
    [TestCase("usb", "", "", Description = "down")]
    [TestCase("eth9", "", "", Description = "not there")]
    [TestCase("lo", "", "", Description = "of no use beyond the host")]
    public void Uplink_MeansWhatIsThere(string device, string address, string expected) => Assert.That(
        Text(Uplink.Choose([new UplinkOptions { Device = device, Address = address }], Host, [])), Is.EqualTo(expected));

    [Test]
    public void Address_MeantTwice_IsTheFirstOnes()
    {
        var chosen = Uplink.Choose([new UplinkOptions { Address = "198.18.3.1", Backup = true }, new UplinkOptions { Device = "dsl" }], Host, []);
        Assert.That(Text(chosen), Is.EqualTo("198.18.3.1 dsl backup, 2001:db8:3::1 dsl"));
    }

    [Test]
    public void Device_WithSeveralAddresses_KeepsTheOneInUse() => Assert.That(
        Text(Uplink.Choose([new UplinkOptions { Device = "dsl" }], Host, [HostAddress.Parse("198.18.3.9")])),
        Is.EqualTo("198.18.3.9 dsl, 2001:db8:3::1 dsl"));

    [TestCase("")]
    [TestCase("\n")]
    public void NoEndpoints_PrintNothing(string output) => Assert.That(MptcpEndpointEntry.Parse(output), Is.Empty);

    [Test]
    public void Endpoints_AreRead() => Assert.That(
        MptcpEndpointEntry.Parse("""[{"address":"198.18.4.1","id":254,"subflow":true,"backup":true,"dev":"lte"},{"address":"2001:db8::1","id":1,"signal":true,"port":8684},{"address":"198.18.3.1","id":2,"implicit":true},{"address":"198.18.3.2","id":3,"rawflags":"10"},{}]"""),
        Is.EqualTo(new MptcpEndpointEntry[]
        {
            new(254, HostAddress.Parse("198.18.4.1"), "lte", IsBackup: true),
            new(1, HostAddress.Parse("2001:db8::1"), HasPort: true),
            new(2, HostAddress.Parse("198.18.3.1"), IsImplicit: true),
            new(3, HostAddress.Parse("198.18.3.2"), IsImplicit: true),
        }));

    private static string Text(IEnumerable<Uplink> uplinks) =>
        string.Join(", ", uplinks.Select(uplink => $"{uplink.Address} {uplink.Device}{(uplink.IsBackup ? " backup" : "")}"));
}
