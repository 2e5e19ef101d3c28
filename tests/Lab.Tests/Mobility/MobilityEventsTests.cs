using Middlebox.Appliance.Commands.Lab.Experiments.Mobility;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Mobility;

[Parallelizable(ParallelScope.All)]
public sealed class MobilityEventsTests
{
    private static Topology Overlap => TopologyLoader.Load(ShippedTopologies.PathOf("mobility-overlap"));

    [TestCase("wifi", 0, 9.9, true)]
    [TestCase("wifi", 0, 10, false)]
    [TestCase("wifi", 12, 15, false)]
    [TestCase("wifi", 19, 21, false)]
    [TestCase("wifi", 21, 30, true)]
    [TestCase("lte", 0, 1, false)]
    [TestCase("lte", 8, 21.9, true)]
    public void Access_IsUpAllTheTime(string link, double from, double to, bool expected) => Assert.That(
        MobilityEvents.IsUp(Overlap, link, TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to)), Is.EqualTo(expected));
}
