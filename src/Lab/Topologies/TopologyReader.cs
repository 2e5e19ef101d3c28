using System.Net;

namespace Middlebox.Lab.Topologies;

/// <summary>
/// Turns the sections of a topology file into records. It judges each value by itself; whether the parts fit
/// together is for <see cref="TopologyValidator"/>. A value in error is left out or replaced by a neutral one, so that
/// reading goes on and the next error is found as well.
/// </summary>
/// <param name="directory">Where the file lies: the base of relative paths.</param>
internal sealed class TopologyReader(string directory)
{
    private const int LargestTable = 252;
    private const int MostSubflows = 8;

    public Topology Read(JsonSection file, string name)
    {
        file.AllowOnly("extends", "description", "hosts", "links", "boxes", "elements", "servers");
        return new Topology(
            name,
            file.RequiredText("description"),
            [.. file.Members("hosts").Select(member => ReadHost(member.Name, member.Value))],
            [.. file.Members("links").Select(member => ReadLink(member.Name, member.Value)).OfType<TopologyLink>()],
            [.. file.Members("boxes").Select(member => ReadBox(member.Name, member.Value))],
            [.. file.Members("servers").Select(member => ReadServer(member.Name, member.Value))])
        {
            Elements = [.. file.Members("elements").Select(member => new ElementPlacement(member.Name, member.Value.Text()))],
        };
    }

    private static TopologyHost ReadHost(string name, JsonSection section)
    {
        section.AllowOnly("forwarding", "congestionControl", "sysctls", "routes", "rules", "mptcp", "nat");
        return new TopologyHost
        {
            Name = name,
            Forwarding = section.Flag("forwarding"),
            CongestionControl = section.OptionalText("congestionControl") ?? "reno",
            Sysctls = section.TextMap("sysctls"),
            Routes = [.. section.Items("routes").Select(ReadRoute).OfType<StaticRoute>()],
            Rules = [.. section.Items("rules").Select(ReadRule).OfType<SourceRule>()],
            Mptcp = section.Find("mptcp") is { } mptcp ? ReadMptcp(mptcp) : null,
            Nat = section.Find("nat") is { } nat ? ReadNat(nat) : null,
        };
    }

    private static StaticRoute? ReadRoute(JsonSection section)
    {
        section.AllowOnly("to", "via", "device", "table");
        var device = section.OptionalText("device");
        var table = section.Integer("table", 1, LargestTable);
        var to = section.RequiredText("to");
        if (ReadAddress(section, "via") is not { } via)
            return null;
        if (to == "default")
            return new StaticRoute(DefaultFor(via), via, device, table);
        if (InterfaceAddress.TryParse(to, out var destination))
            return new StaticRoute(destination, via, device, table);
        section.Fail("to", $"\"{to}\" is not a network", "write default or ADDRESS/LENGTH");
        return null;
    }

    private static InterfaceAddress DefaultFor(IPAddress via) =>
        new(via.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);

    private static SourceRule? ReadRule(JsonSection section)
    {
        section.AllowOnly("from", "table");
        var from = ReadAddress(section, "from");
        var table = section.Integer("table", 1, LargestTable);
        if (section.Find("table") is null)
            section.Fail("table", "is missing", $"name a routing table from 1 to {LargestTable}");
        return from is null || table is null ? null : new SourceRule(from, table.Value);
    }

    private static MptcpSettings ReadMptcp(JsonSection section)
    {
        section.AllowOnly("subflows", "addAddrAccepted", "endpoints");
        return new MptcpSettings(
            section.Integer("subflows", 0, MostSubflows),
            section.Integer("addAddrAccepted", 0, MostSubflows),
            [.. section.Items("endpoints").Select(ReadEndpoint).OfType<MptcpEndpoint>()]);
    }

    private static MptcpEndpoint? ReadEndpoint(JsonSection section)
    {
        section.AllowOnly("address", "device", "flags");
        var address = ReadAddress(section, "address");
        var device = section.RequiredText("device");
        var flags = MptcpEndpointFlags.None;
        foreach (var item in section.Items("flags"))
        {
            if (Enum.TryParse<MptcpEndpointFlags>(item.Text(), ignoreCase: true, out var flag))
                flags |= flag;
            else
                item.Fail($"\"{item.Text()}\" is not a flag", "use subflow, signal, backup or fullmesh");
        }
        return address is null ? null : new MptcpEndpoint(address, device, flags);
    }

    private static AddressTranslation ReadNat(JsonSection section)
    {
        section.AllowOnly("masquerade", "dropInvalid");
        return new AddressTranslation([.. section.Items("masquerade").Select(item => item.Text())],
            section.Flag("dropInvalid"));
    }

    private TopologyLink? ReadLink(string name, JsonSection section)
    {
        section.AllowOnly(["ends", "rate", "loss", "mtu", .. EmulationReader.Keys]);
        var rate = ReadRate(section);
        var loss = section.Share("loss") ?? 0;
        var mtu = section.Integer("mtu", 1280, 65535);
        var items = section.Items("ends");
        var ends = items.Select(end => ReadEnd(end, rate, loss)).ToList();
        if (EmulationReader.IsAsked(section) || items.Any(EmulationReader.IsAsked))
        {
            var reader = new EmulationReader(directory);
            ends = [.. ends.Zip(items, (end, item) => end with { Emulation = reader.Read(section, item) })];
        }
        if (ends.Count == 2)
            return new TopologyLink(name, ends[0], ends[1], mtu);
        section.Fail("ends", $"has {ends.Count} element(s)", "list the two ends of the link");
        return null;
    }

    private static LinkEnd ReadEnd(JsonSection section, LinkRate? linkRate, double linkLoss)
    {
        section.AllowOnly(["host", "device", "addresses", "rate", "loss", .. EmulationReader.Keys]);
        var addresses = new List<InterfaceAddress>();
        foreach (var item in section.Items("addresses"))
        {
            if (InterfaceAddress.TryParse(item.Text(), out var address))
                addresses.Add(address);
            else
                item.Fail($"\"{item.Text()}\" is not an address", "write ADDRESS/LENGTH, for example 198.18.1.2/24");
        }
        return new LinkEnd(section.RequiredText("host"), section.RequiredText("device"), addresses,
            ReadRate(section) ?? linkRate, section.Share("loss") ?? linkLoss);
    }

    private static LinkRate? ReadRate(JsonSection section)
    {
        if (section.OptionalText("rate") is not { } text)
            return null;
        if (LinkRate.TryParse(text, out var rate))
            return rate;
        section.Fail("rate", $"\"{text}\" is not a rate", "write a number and a unit, for example 50mbit");
        return null;
    }

    private BoxPlacement ReadBox(string host, JsonSection section)
    {
        section.AllowOnly("configuration", "set");
        var configuration = Path.GetFullPath(section.RequiredText("configuration"), directory);
        return new BoxPlacement(host, configuration, section.TextMap("set"));
    }

    private static ServerPlacement ReadServer(string host, JsonSection section)
    {
        section.AllowOnly("mptcp", "ports");
        var ports = section.Items("ports").Select(item => item.Integer(1, 65535)).OfType<int>().ToList();
        return new ServerPlacement(host, section.Flag("mptcp"), ports);
    }

    private static IPAddress? ReadAddress(JsonSection section, string key)
    {
        var text = section.RequiredText(key);
        if (IPAddress.TryParse(text, out var address))
            return address;
        if (text.Length > 0)
            section.Fail(key, $"\"{text}\" is not an address", "write an IPv4 or IPv6 address");
        return null;
    }
}
