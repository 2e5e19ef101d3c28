using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Topologies;

[Parallelizable(ParallelScope.All)]
public sealed class TopologyLoaderTests
{
    private const string Small = """
        {
          // Two hosts and a link.
          "description": "d",
          "hosts": {
            "a": { "sysctls": { "net.ipv4.tcp_sack": 0 } },
            "b": { "forwarding": true, "nat": { "masquerade": ["right"] } },
          },
          "links": {
            "l": {
              "ends": [
                { "host": "a", "device": "left", "addresses": ["198.18.1.2/24", "2001:db8:1::2/64"], "loss": 0.1 },
                { "host": "b", "device": "right", "addresses": ["198.18.1.1/24"], "rate": "1.5mbit" },
              ],
              "rate": "50mbit", "loss": 0.01, "mtu": 1400,
            },
          },
          "servers": { "b": { "mptcp": true, "ports": [80, 8080] } },
        }
        """;

    public static IEnumerable<string> ShippedNames => ShippedTopologies.Names;

    [TestCaseSource(nameof(ShippedNames))]
    public void The_project_s_own_files_load(string name)
    {
        var topology = TopologyLoader.Load(ShippedTopologies.PathOf(name));

        Assert.That(topology.Name, Is.EqualTo(name));
        Assert.That(topology.Servers.Select(server => (server.Host, server.Capable)),
            Is.EqualTo(new[] { ("legacy", false), ("capable", true) }));
        Assert.That(topology.Boxes, Is.Not.Empty);
    }

    [Test]
    public void A_file_becomes_records_with_defaults()
    {
        var topology = TopologyLoader.Parse(Small, "/etc/small.json");

        Assert.That(topology.Name, Is.EqualTo("small"));
        Assert.That(topology.Hosts.Select(host => (host.Name, host.Forwarding, host.CongestionControl)),
            Is.EqualTo(new[] { ("a", false, "reno"), ("b", true, "reno") }));
        Assert.That(topology.Hosts[0].Sysctls["net.ipv4.tcp_sack"], Is.EqualTo("0"));
        Assert.That(topology.Hosts[1].Nat, Is.Not.Null);
        var link = topology.Links.Single();
        Assert.That((link.Left.Rate?.ToString(), link.Right.Rate?.ToString()), Is.EqualTo(("50mbit", "1.5mbit")));
        Assert.That((link.Left.Loss, link.Right.Loss, link.Mtu), Is.EqualTo((0.1, 0.01, 1400)));
        Assert.That(topology.Servers.Single().Ports, Is.EqualTo(new[] { 80, 8080 }));
    }

    [TestCase("\"description\": \"d\",", "\"color\": \"red\",", "color", TestName = "Unknown key")]
    [TestCase("\"forwarding\": true", "\"forwarding\": \"yes\"", "hosts.b.forwarding", TestName = "Truth value")]
    [TestCase("\"a\": {", "\"A\": {", "hosts.A", TestName = "Host name")]
    [TestCase("\"host\": \"a\"", "\"host\": \"x\"", "links.l.ends[0].host", TestName = "Unknown host")]
    [TestCase("198.18.1.2/24", "10.0.0.1/24", "links.l.ends[0].addresses[0]", TestName = "Address outside the lab")]
    [TestCase("2001:db8:1::2/64", "2001:db9::2/64", "links.l.ends[0].addresses[1]", TestName = "IPv6 address outside the lab")]
    [TestCase("198.18.1.1/24", "198.18.1.2/24", "links.l.ends[1].addresses[0]", TestName = "Same address twice")]
    [TestCase("198.18.1.1/24", "198.18.1.1", "links.l.ends[1].addresses[0]", TestName = "Address without length")]
    [TestCase("1.5mbit", "fast", "links.l.ends[1].rate", TestName = "Rate")]
    [TestCase("0.01", "2", "links.l.loss", TestName = "Loss")]
    [TestCase("1400", "100", "links.l.mtu", TestName = "MTU")]
    [TestCase("[\"right\"]", "[\"other\"]", "hosts.b.nat.masquerade[0]", TestName = "Unknown device")]
    [TestCase("[80, 8080]", "[0]", "servers.b.ports[0]", TestName = "Port")]
    [TestCase("[80, 8080]", "[]", "servers.b.ports", TestName = "No port")]
    [TestCase("net.ipv4.tcp_sack", "kernel.panic", "hosts.a.sysctls.kernel.panic", TestName = "Setting outside the namespace")]
    [TestCase("net.ipv4.tcp_sack", "net.ipv4/../../kernel/panic", "hosts.a.sysctls.net.ipv4/../../kernel/panic",
        TestName = "Setting that climbs")]
    public void A_mistake_is_named_by_its_key(string right, string wrong, string path)
    {
        var exception = Assert.Throws<TopologyException>(
            () => TopologyLoader.Parse(Small.Replace(right, wrong, StringComparison.Ordinal), "small.json"));

        Assert.That(exception!.Errors.Select(error => error.KeyPath), Does.Contain(path));
        Assert.That(exception.Errors.Select(error => error.Remedy), Has.All.Not.Empty);
    }

    [Test]
    public void All_mistakes_of_a_file_are_reported_at_once()
    {
        const string json = """
            {
              "hosts": {
                "a": {
                  "routes": [{ "to": "nowhere", "via": "198.18.9.1" }, { "to": "default", "via": "198.18.9.1", "table": 999 }],
                  "rules": [{ "from": "198.18.7.7", "table": 1 }],
                  "mptcp": { "subflows": 99, "endpoints": [{ "address": "198.18.7.7", "device": "d", "flags": ["loud"] }] }
                }
              },
              "links": { "l": { "ends": [] } },
              "boxes": { "x": { "configuration": "missing.json", "set": { "Mode": "Explicit" } } }
            }
            """;

        var exception = Assert.Throws<TopologyException>(() => TopologyLoader.Parse(json, "/nowhere/t.json"));

        Assert.That(exception!.Errors.Select(error => error.KeyPath), Is.SupersetOf(new[]
        {
            "description", "hosts.a.routes[0].to", "hosts.a.routes[1].table", "hosts.a.rules[0].from",
            "hosts.a.mptcp.subflows", "hosts.a.mptcp.endpoints[0].flags[0]", "hosts.a.mptcp.endpoints[0].address",
            "hosts.a.mptcp.endpoints[0].device", "links.l.ends", "boxes.x", "boxes.x.configuration", "boxes.x.set.Mode",
        }));
    }

    [TestCase("{ \"hosts\": ")]
    [TestCase("{ \"hosts\": {}, \"hosts\": {} }")]
    [TestCase("[]")]
    [TestCase("{ \"hosts\": [], \"links\": 3, \"boxes\": null, \"servers\": \"\" }")]
    public void What_is_not_a_topology_is_refused(string json) =>
        Assert.That(() => TopologyLoader.Parse(json, "t.json"), Throws.TypeOf<TopologyException>());

    [Test]
    public void A_missing_file_is_refused() =>
        Assert.That(() => TopologyLoader.Load("/nowhere/t.json"), Throws.TypeOf<TopologyException>());
}
