using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Paths;

/// <summary>
/// The server answers the repetition of a SYN that was lost behind the box, and takes nothing that is older by its time stamp
/// (PAWS, RFC 7323 section 5).
/// </summary>
public sealed class LostSynTests() : ServingLabFixture("one-proxy")
{
    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Syn_lost_between_box_and_server_costs_its_repetition_only(AddressFamily family, string firewall)
    {
        string[] drop = ["INPUT", "-p", "tcp", "--syn", "--dport", "7000", "-j", "DROP"];
        (await Legacy.RunAsync(firewall, ["-I", .. drop])).RequireSuccess();
        var connecting = ConnectAsync(family);
        await Condition.WaitAsync(
            async () => !(await Legacy.RunAsync(firewall, "-nvxL", "INPUT")).RequireSuccess().Contains(" 0        0 DROP"),
            Patience, "a SYN has been dropped", Deadline);
        (await Legacy.RunAsync(firewall, ["-D", .. drop])).RequireSuccess();
        using var connection = await connecting;

        var start = Stopwatch.GetTimestamp();
        await connection.GreetAsync(Deadline);
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromMilliseconds(500)));
        Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
    }
}
