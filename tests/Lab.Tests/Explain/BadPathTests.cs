using System.Net.Sockets;
using Middlebox.Appliance.Explain;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Explain;

/// <summary>A second access that is far, or that loses packets.</summary>
[TestFixture(Cause.UnequalPaths, 150, 0.0)]
[TestFixture(Cause.LossyPath, 1, 0.15)]
public sealed class BadPathTests(Cause cause, int delayMilliseconds, double loss) : ExplainLabFixture("one-proxy")
{
    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Links = [.. shipped.Links.Select(link => link.Name == "lte" ? link with { Left = Spoil(link.Left), Right = Spoil(link.Right) } : link)],
    };

    [Test]
    public async Task Download_TheCauseIsNamed()
    {
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        var load = Task.WhenAll(ByteStream.SendAsync(connection.Server, 1L << 40, end.Token), ByteStream.ReceiveAsync(connection.Client, end.Token));
        var finding = "";
        await Condition.WaitAsync(
            async () => (finding = (await ExplainAsync($"{connection.ClientAddress}")).Findings.FirstOrDefault(found => found.Cause == cause)?.Detail ?? "") != "",
            Patience, $"the box finds {cause}", Deadline);
        Assert.That(finding, Does.StartWith("the subflow from 198.18.2.2:"));
        await end.CancelAsync();
        await load.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private LinkEnd Spoil(LinkEnd end) => end with { Loss = loss, Emulation = new EndEmulation { Delay = TimeSpan.FromMilliseconds(delayMilliseconds) } };
}
