using System.Net.Sockets;
using Middlebox.Appliance.Commands.Lab.Experiments.Selection;
using Middlebox.Lab.Tests.Lab;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>
/// N connections through k boxes to a legacy server: N contexts in all by the explicit scheme, k times N by the implicit one, and the box
/// that acts is the one that the policy says. The cases are those of <c>middlebox lab run selection</c>.
/// </summary>
public sealed class SelectionTests : LabFixture
{
    private static IEnumerable<TestCaseData> Cases() =>
        from selection in SelectionCases.All
        from family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }
        select new TestCaseData(selection.Name, selection.Topology, family);

    [TestCaseSource(nameof(Cases))]
    public async Task Contexts_are_created_and_connections_served_by_the_boxes_that_are_chosen(
        string name, string topology, AddressFamily family)
    {
        var selection = SelectionCases.All.Single(candidate => candidate.Name == name && candidate.Topology == topology);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var lab = await Laboratory.UpAsync(
            selection.Adapt(TopologyLoader.Load(ShippedTopologies.PathOf(topology))),
            new LabOptions { InstanceName = NewInstanceName(), StartServers = false },
            cancellation: deadline.Token);

        var result = await selection.MeasureAsync(lab, [family], deadline.Token);

        Assert.That(result.Complaint, Is.Empty, string.Join(", ", result.Decisions));
        Assert.That(result.Load.Succeeded, Is.EqualTo(selection.Connections));
    }
}
