using Middlebox.Lab.Drawing;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Topologies;

[Parallelizable(ParallelScope.All)]
public sealed class TopologyDrawingTests
{
    [Test]
    public void Two_accesses_are_drawn_above_each_other()
    {
        var topology = TopologyLoader.Load(ShippedTopologies.PathOf("one-proxy"));
        topology = topology with
        {
            Links = [.. topology.Links.Select(link =>
                link.Name == "wifi" ? link.WithRate(new LinkRate(50_000_000)).WithLoss(0.01) : link)],
        };

        Assert.That(TopologyDrawing.Draw(topology), Is.EqualTo("""
            ┌────────┐              wifi 50mbit loss 1%               ┌───────┐       legacy       ┌──────────┐
            │        ├────────────────────────────────────────────────┤       ├────────────────────┤  legacy  │
            │        │ 198.18.1.2                                  .1 │       │ 198.18.10.1     .2 │ TCP only │
            │        │ 2001:db8:1::2                              ::1 │  box  │ 2001:db8:10::1 ::2 └──────────┘
            │ client │                                                │ proxy │
            │        │        lte        ┌────────┐     backhaul      │       │      capable       ┌──────────┐
            │        ├───────────────────┤ router ├───────────────────┤       ├────────────────────┤ capable  │
            │        │ 198.18.2.2     .1 │        │ 198.18.3.1     .2 │       │ 198.18.11.1     .2 │  MPTCP   │
            └────────┘ 2001:db8:2::2 ::1 └────────┘ 2001:db8:3::1 ::2 └───────┘ 2001:db8:11::1 ::2 └──────────┘

            """));
    }

    [Test]
    public void What_does_not_fit_moves_to_a_list_and_ascii_will_do()
    {
        var topology = TopologyLoader.Load(ShippedTopologies.PathOf("off-path-second-access"));

        Assert.That(TopologyDrawing.Draw(topology, new DrawingOptions(Unicode: false, Width: 90)), Is.EqualTo("""
            +--------+          wifi           +-------+ uplink +------+ legacy  +----------+
            |        +-------------------------+       +--------+      +---------+  legacy  |
            |        |                         |       |        |      |         | TCP only |
            |        |                         |  box  |        |      |         +----------+
            | client |                         | proxy |        |      |
            |        | lte +--------+ backhaul |       |        |      | capable +----------+
            |        +-----+        +----------+       |        | core +---------+ capable  |
            |        |     |        |          |       |        |      |         |  MPTCP   |
            +--------+     |        |          +-------+        |      |         +----------+
                           | router |                           |      |
                           |        |          around           |      |
                           |        +---------------------------+      |
                           |        |                           |      |
                           +--------+                           +------+

            wifi      client 198.18.1.2 2001:db8:1::2  to  box 198.18.1.1 2001:db8:1::1
            lte       client 198.18.2.2 2001:db8:2::2  to  router 198.18.2.1 2001:db8:2::1
            backhaul  router 198.18.3.1 2001:db8:3::1  to  box 198.18.3.2 2001:db8:3::2
            around    router 198.18.5.1 2001:db8:5::1  to  core 198.18.5.2 2001:db8:5::2
            uplink    box 198.18.4.1 2001:db8:4::1     to  core 198.18.4.2 2001:db8:4::2
            legacy    core 198.18.10.1 2001:db8:10::1  to  legacy 198.18.10.2 2001:db8:10::2
            capable   core 198.18.11.1 2001:db8:11::1  to  capable 198.18.11.2 2001:db8:11::2

            """));
    }

    [Test]
    public void Devices_and_rates_of_the_two_ends_are_told_apart()
    {
        var topology = new Topology("t", "d",
            [new TopologyHost { Name = "a" }, new TopologyHost { Name = "b" }],
            [new TopologyLink("l", End("a", "eth0", "198.18.1.2/24", 10_000_000), End("b", "eth1", "198.18.1.1/24", null), null)],
            [], []);

        Assert.That(TopologyDrawing.Draw(topology), Is.EqualTo("""
            ┌───┐ eth0 l 10mbit/full eth1 ┌───┐
            │ a ├─────────────────────────┤ b │
            │   │ 198.18.1.2   198.18.1.1 │   │
            └───┘                         └───┘

            """));
    }

    [Test]
    public void Links_that_must_cross_are_listed_instead()
    {
        string[] hosts = ["a", "b", "c", "d", "e", "f"];
        var links = from left in hosts[..3]
                    from right in hosts[3..]
                    select new TopologyLink(left + right, End(left, right, null, null), End(right, left, null, null), null);
        var topology = new Topology("t", "d", [.. hosts.Select(name => new TopologyHost { Name = name })], [.. links], [], []);

        Assert.That(TopologyDrawing.Draw(topology), Does.StartWith("ad  a  to  d\nae  a  to  e\n"));
    }

    private static LinkEnd End(string host, string device, string? address, long? rate) =>
        new(host, device, InterfaceAddress.TryParse(address, out var own) ? [own] : [],
            rate is { } bits ? new LinkRate(bits) : null, 0);
}
