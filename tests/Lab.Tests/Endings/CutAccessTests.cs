using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Endings;

/// <summary>An access that fails and comes back during a transfer costs time, and nothing else.</summary>
public sealed class CutAccessTests() : ServingLabFixture("one-proxy")
{
    private static readonly InterruptedTransfer Transfer = new(20_000_000, CutAfter: 5_000_000, RestoreAfter: 9_000_000);

    protected override LabOptions Options =>
        new() { Rates = new Dictionary<string, LinkRate> { ["wifi"] = Rate("50mbit"), ["lte"] = Rate("50mbit") } };

    [TestCase(AddressFamily.InterNetwork, "wifi")]
    [TestCase(AddressFamily.InterNetworkV6, "wifi")]
    [TestCase(AddressFamily.InterNetwork, "lte")]
    [TestCase(AddressFamily.InterNetworkV6, "lte")]
    public async Task Upload_survives_an_access_that_is_cut_and_restored(AddressFamily family, string access)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);

        await Transfer.RunAsync(Lab, access, connection.Client, connection.Server, Deadline);
    }

    [TestCase(AddressFamily.InterNetwork, "wifi")]
    [TestCase(AddressFamily.InterNetworkV6, "wifi")]
    [TestCase(AddressFamily.InterNetwork, "lte")]
    [TestCase(AddressFamily.InterNetworkV6, "lte")]
    public async Task Download_survives_an_access_that_is_cut_and_restored(AddressFamily family, string access)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);

        await Transfer.RunAsync(Lab, access, connection.Server, connection.Client, Deadline);
    }
}
