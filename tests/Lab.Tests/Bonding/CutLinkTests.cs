using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Bonding;

/// <summary>One of two bonded links is cut and mended while 100 MB move, with a third box between the two and without: no byte is lost.</summary>
[TestFixture(false)]
[TestFixture(true)]
public sealed class CutLinkTests(bool hasThirdBox) : BondingFixture(hasThirdBox)
{
    private static readonly InterruptedTransfer Transfer = new(100_000_000, CutAfter: 25_000_000, RestoreAfter: 50_000_000);

    // So that it takes seconds; what is cut and mended is the same.
    protected override LabOptions Options => new()
    {
        Rates = new Dictionary<string, LinkRate> { ["dsl"] = Rate("200mbit"), ["lte"] = Rate("200mbit") },
    };

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    [TestCase(AddressFamily.InterNetwork, "dsl")]
    [TestCase(AddressFamily.InterNetworkV6, "dsl")]
    [TestCase(AddressFamily.InterNetwork, "lte")]
    [TestCase(AddressFamily.InterNetworkV6, "lte")]
    public async Task Transfer_survives_a_link_that_is_cut_and_restored(AddressFamily family, string link)
    {
        using var connection = await ConnectAsync(family);

        await Transfer.RunAsync(Lab, link, connection.Server, connection.Client, Deadline);

        await RequireNothingOfThirdBoxAsync();
    }
}
