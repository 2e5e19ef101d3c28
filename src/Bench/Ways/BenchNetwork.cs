using System.Net;
using Middlebox.Bench.Load;
using Middlebox.Bench.Proof;
using Middlebox.Lab;
using Middlebox.Lab.Topologies;

namespace Middlebox.Bench.Ways;

/// <summary>
/// The lab of a benchmark with everything that runs in it for all ways at once: the appliance, HAProxy, echo servers and iperf3 servers.
/// A run differs from the next only in the addresses that it uses, so that ways can be measured in turns.
/// </summary>
internal sealed class BenchNetwork : IAsyncDisposable
{
    /// <summary>Port of the echo servers.</summary>
    public const int EchoPort = 7000;

    /// <summary>A port of the servers at which nothing answers.</summary>
    public const int SilentPort = 7999;

    private static readonly string[] Servers = ["legacy", "capable"];

    private readonly Laboratory _lab;
    private readonly Dictionary<string, EchoServer> _echoServers = [];
    private readonly Dictionary<string, IperfServer> _iperfServers = [];
    private readonly Dictionary<(string Client, string Middle), SourcePorts> _sources = [];

    private BenchNetwork(Laboratory lab, HaproxySockets haproxySockets)
    {
        _lab = lab;
        Haproxy = new HaproxyProcess(lab["peer"], [EchoPort, IperfServer.Port], haproxySockets);
    }

    /// <summary>The other proxy.</summary>
    public HaproxyProcess Haproxy { get; }

    /// <summary>The appliance's host.</summary>
    public LabHost Box => _lab["box"];

    /// <summary>The hosts by name.</summary>
    public LabHost this[string host] => _lab[host];

    /// <summary>Congestion control of all hosts.</summary>
    public string CongestionControl =>
        string.Join(", ", _lab.Topology.Hosts.Select(host => host.CongestionControl).Distinct());

    /// <summary>Raises the lab and starts everything in it.</summary>
    /// <param name="topology"><c>bench</c>.</param>
    /// <param name="options">How to raise it.</param>
    /// <param name="haproxySockets">How HAProxy comes to MPTCP sockets.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="LabException">It could not be raised; nothing is left of it.</exception>
    public static async Task<BenchNetwork> UpAsync(
        Topology topology, LabOptions options, HaproxySockets haproxySockets, IProgress<string>? progress, CancellationToken cancellation)
    {
        var network = new BenchNetwork(
            await Laboratory.UpAsync(topology, options with { StartServers = false }, progress, cancellation), haproxySockets);
        try
        {
            progress?.Report("Starting HAProxy, iperf3 and echo servers");
            await network.Haproxy.StartAsync(cancellation);
            foreach (var server in Servers)
            {
                (await network[server].RunAsync(
                    "iptables", "-w", "-t", "raw", "-A", "PREROUTING", "-p", "tcp", "--dport", $"{SilentPort}", "-j", "DROP")).RequireSuccess();
                network._echoServers[server] = new EchoServer(network[server], mptcp: server == "capable", EchoPort);
                network._iperfServers[server] = await IperfServer.StartAsync(network[server], mptcp: server == "capable", cancellation);
            }

            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The echo server at the end of a way.</summary>
    public EchoServer EchoServer(Way way) => _echoServers[way.Server];

    /// <summary>The iperf3 server at the end of a way.</summary>
    public IperfServer IperfServerOf(Way way) => _iperfServers[way.Server];

    /// <summary>The server's address on a way.</summary>
    public IPAddress ServerAddress(Way way) => Address(way.Server, way.Middle);

    /// <summary>Source addresses and ports for a way's connections, none of which is given out twice before all have been.</summary>
    public SourcePorts Sources(Way way)
    {
        if (!_sources.TryGetValue((way.Client, way.Middle), out var sources))
            _sources[(way.Client, way.Middle)] = sources = NewSources(way);
        return sources;
    }

    /// <summary>The same from the first on, for segments without a socket: they would use up within a second what connections need for a minute.</summary>
    /// <remarks>The first address is for programs that choose no source of their own.</remarks>
    public SourcePorts NewSources(Way way) => new([.. End(way.Client, way.Middle).Addresses.Skip(1).Select(own => own.Address)]);

    /// <summary>The process that proxies on a way; null where there is none.</summary>
    public int? ProxyProcess(Way way) => way.Name switch
    {
        WayName.Haproxy => Haproxy.ProcessId,
        _ when way.CrossesBox => Box.DaemonProcessId,
        _ => null,
    };

    /// <summary>Ends a way's proxy and starts it anew, so that nothing of earlier runs is left in it.</summary>
    public async Task RestartProxyAsync(Way way, CancellationToken cancellation)
    {
        if (way.Name == WayName.Haproxy)
        {
            await Haproxy.StopAsync(cancellation);
            await Haproxy.StartAsync(cancellation);
        }
        else if (way.CrossesBox)
        {
            await Box.StopBoxAsync(cancellation);
            await Box.StartBoxAsync(cancellation);
        }
    }

    /// <summary>Packets that came to the client on a way, ever.</summary>
    public long PacketsReceived(Way way) => DeviceCounters.PacketsReceived(this[way.Client], way.Middle);

    /// <summary>Packets that came to the server on a way, ever.</summary>
    public long PacketsArrived(Way way) => DeviceCounters.PacketsReceived(this[way.Server], way.Middle);

    /// <summary>What the hosts of a way have counted so far; the box's once it has settled all its contexts.</summary>
    public async Task<Observation> ObserveAsync(Way way, CancellationToken cancellation) => new(
        MptcpCounters.Read(this[way.Client]),
        MptcpCounters.Read(this[way.Middle]),
        MptcpCounters.Read(this[way.Server]),
        way.CrossesBox ? await BoxDecisions.ReadSettledAsync(Box, cancellation) : default);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _echoServers.Values)
            server.Dispose();
        await _lab.DownAsync();
    }

    private IPAddress Address(string host, string neighbour) => End(host, neighbour).Addresses[0].Address;

    private LinkEnd End(string host, string neighbour)
    {
        var link = _lab.Topology.Links.Single(link =>
            (link.Left.Host == host && link.Right.Host == neighbour) || (link.Left.Host == neighbour && link.Right.Host == host));
        return link.Left.Host == host ? link.Left : link.Right;
    }
}
