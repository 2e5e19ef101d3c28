using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Election;

/// <summary>
/// A box that begins to see a connection at a repetition of its SYN. The server has answered the first one, and another box may have acted on
/// that answer, so this one must not.
/// </summary>
public sealed class LateBoxTests() : ServingLabFixture("one-proxy")
{
    protected override LabOptions Options => new() { StartBoxes = false };

    protected override Topology Adapt(Topology shipped) => shipped.WithInsistentClient();

    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Box_started_between_a_SYN_and_its_repetition_stays_out(AddressFamily family, string firewall)
    {
        string[] answers = ["INPUT", "-p", "tcp", "--tcp-flags", "SYN,ACK", "SYN,ACK", "-j", "DROP"];
        (await Client.RunAsync(firewall, ["-w", "-A", .. answers])).RequireSuccess();
        var connecting = ConnectAsync(family);
        await Condition.WaitAsync(
            async () => (await Legacy.RunAsync("ss", "-Htan", "state", "syn-recv")).RequireSuccess().Length > 0,
            Patience, "the server has answered the first SYN", Deadline);

        await Box.StartBoxAsync();
        await StatusWhenAsync(status => status.Released("earlierSynAnswered") > 0, "the box has seen a repetition and its answer");
        (await Client.RunAsync(firewall, ["-w", "-D", .. answers])).RequireSuccess();

        using var connection = await connecting;
        await connection.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.Zero);
        Assert.That(await Box.StopBoxAsync(), Is.Zero);
    }
}
