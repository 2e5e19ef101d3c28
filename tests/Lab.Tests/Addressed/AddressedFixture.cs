using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>Base of tests with a client whose connections go over a proxy off the path, which relays them in the kernel.</summary>
public abstract class AddressedFixture() : ServingLabFixture("addressed-host")
{
    private const string JoinsTaken = "MPTcpExtMPJoinAckRx";
    private const string PrioritiesHeard = "MPTcpExtMPPrioRx";

    // What leads to the servers past the proxy.
    private static readonly (string Tool, string Rule)[] DirectPaths =
    [
        ("iptables", "FORWARD -s 198.18.0.0/22 -d 198.18.8.0/21 ! -i proxy -j DROP"),
        ("ip6tables", "FORWARD -d 2001:db8:11::/64 ! -i proxy -j DROP"),
        ("ip6tables", "FORWARD -d 2001:db8:10::/64 ! -i proxy -j DROP"),
    ];

    protected LabHost Capable => Lab["capable"];

    protected LabHost Core => Lab["core"];

    protected LabHost Proxy => Lab["proxy"];

    protected override LabHost Box => Proxy;

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    /// <summary>Octets that have crossed the proxy's link, both ways.</summary>
    protected long OctetsOverTheProxy => Proxy.ReceivedBytes("core") + Proxy.SentBytes("core");

    /// <summary>Connects the client to the capable server, and returns when both accesses lead there without the proxy, and both sides keep the way over it for a backup.</summary>
    protected async Task<Connection> ConnectDirectlyAsync(AddressFamily family, int port = 7000)
    {
        var joins = Capable.Counter(JoinsTaken);
        var heard = (Client: Client.Counter(PrioritiesHeard), Server: Capable.Counter(PrioritiesHeard));
        var promoted = await CountAsync(Proxy, "addressed", "ended", "promoted");
        var connection = await ConnectAsync(family, "capable", port: port);
        try
        {
            await connection.GreetAsync(Deadline);
            await Condition.WaitAsync(() => Capable.Counter(JoinsTaken) >= joins + 2, Patience, "subflows from both accesses reach the server", Deadline);
            await Condition.WaitAsync(
                async () => await CountAsync(Proxy, "addressed", "ended", "promoted") > promoted, Patience, "the proxy is told that the client knows", Deadline);
            await Condition.WaitAsync(
                () => Client.Counter(PrioritiesHeard) > heard.Client && Capable.Counter(PrioritiesHeard) > heard.Server,
                Patience, "both sides hear that the first subflow is a backup", Deadline);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    protected async Task CutDirectPathsAsync(Laboratory? lab = null)
    {
        foreach (var (tool, rule) in DirectPaths)
            (await (lab ?? Lab)["core"].RunAsync(tool, ["-w", "-I", .. rule.Split(' ')])).RequireSuccess();
    }

    protected async Task MendDirectPathsAsync()
    {
        foreach (var (tool, rule) in DirectPaths)
            (await Core.RunAsync(tool, ["-w", "-D", .. rule.Split(' ')])).RequireSuccess();
    }
}
