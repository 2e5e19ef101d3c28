using System.Net;
using System.Text.RegularExpressions;
using Middlebox.Lab.Emulation;
using Middlebox.Native;

namespace Middlebox.Lab.Topologies;

/// <summary>Checks that the parts of a topology fit together and that it stays within the addresses of a lab.</summary>
internal sealed partial class TopologyValidator
{
    private static readonly InterfaceAddress[] LabNetworks =
        [new(IPAddress.Parse("198.18.0.0"), 15), new(IPAddress.Parse("2001:db8::"), 32)];

    private readonly Topology _topology;
    private readonly List<TopologyError> _errors = [];
    private readonly HashSet<string> _hosts;

    private TopologyValidator(Topology topology)
    {
        _topology = topology;
        _hosts = [.. topology.Hosts.Select(host => host.Name)];
    }

    /// <summary>Everything that is wrong; empty when the topology can be built.</summary>
    public static IReadOnlyList<TopologyError> Validate(Topology topology)
    {
        var validator = new TopologyValidator(topology);
        validator.CheckHosts();
        validator.CheckLinks();
        validator.CheckBoxes();
        validator.CheckElements();
        validator.CheckServers();
        return validator._errors;
    }

    private void CheckHosts()
    {
        if (_hosts.Count == 0)
            Fail("hosts", "names no host", "add at least one");
        foreach (var host in _topology.Hosts)
        {
            var path = $"hosts.{host.Name}";
            if (!HostName().IsMatch(host.Name))
                Fail(path, "is not a host name", "use up to 15 lower-case letters and digits, a letter first");
            foreach (var (index, route) in host.Routes.Index())
                CheckRoute($"{path}.routes[{index}]", host, route);
            foreach (var (index, rule) in host.Rules.Index())
                CheckOwnAddress($"{path}.rules[{index}].from", host, rule.From);
            foreach (var (index, endpoint) in (host.Mptcp?.Endpoints ?? []).Index())
            {
                CheckOwnAddress($"{path}.mptcp.endpoints[{index}].address", host, endpoint.Address);
                CheckDevice($"{path}.mptcp.endpoints[{index}].device", host, endpoint.Device);
            }
            foreach (var (index, device) in (host.Nat?.Masquerade ?? []).Index())
                CheckDevice($"{path}.nat.masquerade[{index}]", host, device);
            foreach (var key in host.Sysctls.Keys.Where(key => !SysctlName().IsMatch(key)))
                Fail($"{path}.sysctls.{key}", "is not a setting of a network namespace", "use a dotted name under net.");
        }
    }

    private void CheckRoute(string path, TopologyHost host, StaticRoute route)
    {
        if (!_topology.EndsOf(host.Name).SelectMany(end => end.Addresses).Any(own => own.Covers(route.Via)))
            Fail($"{path}.via", $"{route.Via} is in no network of {host.Name}", "name a neighbour's address");
        if (route.Device is not null)
            CheckDevice($"{path}.device", host, route.Device);
        if (route.Destination.PrefixLength > 0)
            CheckRange($"{path}.to", route.Destination.Address);
    }

    private void CheckOwnAddress(string path, TopologyHost host, IPAddress address)
    {
        if (!_topology.EndsOf(host.Name).SelectMany(end => end.Addresses).Any(own => own.Address.Equals(address)))
            Fail(path, $"{address} is not an address of {host.Name}", "name one that a link gives it");
    }

    private void CheckDevice(string path, TopologyHost host, string device)
    {
        var devices = _topology.EndsOf(host.Name).Select(end => end.Device).ToList();
        if (!devices.Contains(device))
            Fail(path, $"{host.Name} has no device \"{device}\"", $"use one of {string.Join(", ", devices)}");
    }

    private void CheckLinks()
    {
        var devices = new HashSet<(string Host, string Device)>();
        var addresses = new Dictionary<IPAddress, string>();
        foreach (var link in _topology.Links)
        {
            foreach (var (index, end) in new[] { link.Left, link.Right }.Index())
            {
                var path = $"links.{link.Name}.ends[{index}]";
                CheckHostExists($"{path}.host", end.Host);
                if (!DeviceName().IsMatch(end.Device) || end.Device == "lo")
                    Fail($"{path}.device", $"\"{end.Device}\" is not a device name", "use up to 15 letters, digits, - and _");
                if (!devices.Add((end.Host, end.Device)))
                    Fail($"{path}.device", $"{end.Host} has two devices \"{end.Device}\"", "give one another name");
                foreach (var (position, own) in end.Addresses.Index())
                {
                    CheckRange($"{path}.addresses[{position}]", own.Address);
                    if (!addresses.TryAdd(own.Address, path))
                        Fail($"{path}.addresses[{position}]", $"{own.Address} is also at {addresses[own.Address]}", "change one");
                }
            }
            CheckTraces(link);
            CheckOrder(link);
        }
    }

    private void CheckTraces(TopologyLink link)
    {
        foreach (var (index, end) in new[] { link.Left, link.Right }.Index())
        {
            var path = $"links.{link.Name}.ends[{index}].trace";
            if (end.Emulation?.Trace is not { } trace)
                continue;
            if (!DeliveryTrace.TryReadFile(trace, out _, out var error))
                Fail(path, $"{trace}: {error}", "name a file of times in whole milliseconds, one a line, none before the one above it");
            if (end.Emulation.Timeline.Any(step => step.Rate is not null))
                Fail(path, "takes the place of the rates in the time line, and there are some", "remove the one or the others");
        }
    }

    private void CheckOrder(TopologyLink link)
    {
        var order = _topology.Hosts.Select(host => host.Name).ToList();
        if (order.IndexOf(link.Left.Host) >= 0 && order.IndexOf(link.Left.Host) >= order.IndexOf(link.Right.Host)
            && _hosts.Contains(link.Right.Host))
        {
            Fail($"links.{link.Name}.ends", $"{link.Left.Host} does not come before {link.Right.Host} in hosts",
                "list hosts and ends from the client to the server");
        }
    }

    private void CheckBoxes()
    {
        foreach (var box in _topology.Boxes)
        {
            CheckHostExists($"boxes.{box.Host}", box.Host);
            if (RegularFile.ProblemWith(box.Configuration) is { } problem)
                Fail($"boxes.{box.Host}.configuration", $"{box.Configuration}: {problem}", "name a configuration file");
            foreach (var key in box.Settings.Keys.Where(key => !key.StartsWith("Middlebox:", StringComparison.Ordinal)))
                Fail($"boxes.{box.Host}.set.{key}", "is not a setting of the appliance", "start it with Middlebox:");
            foreach (var (key, value) in box.Settings)
            {
                foreach (var unknown in SettingPlaceholders.UnknownIn(value))
                    Fail($"boxes.{box.Host}.set.{key}", $"{unknown} stands for nothing", $"use {SettingPlaceholders.ClaimKeys}, or no braces");
            }
        }
    }

    private void CheckElements()
    {
        foreach (var element in _topology.Elements)
        {
            var path = $"elements.{element.Host}";
            CheckHostExists(path, element.Host);
            if (!ElementPlacement.Programs.Contains(element.Program))
                Fail(path, $"there is no program \"{element.Program}\"", $"use one of {string.Join(", ", ElementPlacement.Programs)}");
            if (_topology.Boxes.Any(box => box.Host == element.Host))
                Fail(path, $"{element.Host} has a box", "give the element a host of its own");
        }
    }

    private void CheckServers()
    {
        foreach (var server in _topology.Servers)
        {
            CheckHostExists($"servers.{server.Host}", server.Host);
            if (server.Ports.Count == 0)
                Fail($"servers.{server.Host}.ports", "names no port", "list at least one, for example [80]");
        }
    }

    private void CheckHostExists(string path, string host)
    {
        if (!_hosts.Contains(host))
            Fail(path, $"there is no host \"{host}\"", $"use one of {string.Join(", ", _hosts)}");
    }

    private void CheckRange(string path, IPAddress address)
    {
        if (!LabNetworks.Any(network => network.Covers(address)))
            Fail(path, $"{address} is not an address for labs", "use 198.18.0.0/15 and 2001:db8::/32");
    }

    private void Fail(string path, string problem, string remedy) => _errors.Add(new TopologyError(path, problem, remedy));

    // No hyphen: a namespace is called mb-INSTANCE-HOST, and the last hyphen must tell the two apart.
    [GeneratedRegex("^[a-z][a-z0-9]{0,14}$")]
    private static partial Regex HostName();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,15}$")]
    private static partial Regex DeviceName();

    [GeneratedRegex(@"^net\.[a-z0-9_]+(\.[A-Za-z0-9_-]+)+$")]
    private static partial Regex SysctlName();
}
