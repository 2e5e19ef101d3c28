using System.Text.Json;
using Microsoft.Extensions.Logging;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Host.Uplinks;

/// <summary>
/// Keeps the kernel's path manager told from which addresses of the box it may open subflows (ip-mptcp(8)): those of the configured uplinks
/// that are there now. Running connections follow by themselves: an address that comes gets a subflow, one that goes loses it and the peer
/// is told (REMOVE_ADDR, RFC 8684 section 3.4.2), a backup flag that changes is signalled (MP_PRIO, section 3.3.8).
/// </summary>
/// <remarks>
/// Called by whoever reloads and by <see cref="LinkWatch"/>, under one lock. An endpoint that the administrator has added himself is his: it is
/// neither changed nor taken away. No failure here ends anything: connections have fewer paths then.
/// </remarks>
/// <param name="journal">Where changes are written down before they are made.</param>
/// <param name="logger">Where to tell.</param>
public sealed class UplinkEndpoints(Journal journal, ILogger logger)
{
    // From above, so that those of announced addresses, which count up, do not meet them.
    private const int HighestId = 254;

    private readonly Lock _lock = new();
    private readonly Dictionary<HostAddress, UplinkEndpoint> _endpoints = [];
    private readonly Dictionary<HostAddress, int> _ids = [];
    private readonly HashSet<HostAddress> _reported = [];
    private IReadOnlyList<UplinkOptions> _uplinks = [];

    /// <summary>
    /// Goes on with what an earlier run has left, whose connections this one takes over: an endpoint that is taken away and added anew would
    /// cost each of them a subflow.
    /// </summary>
    public void Succeed()
    {
        lock (_lock)
        {
            foreach (var entry in Present().Where(entry => !entry.HasPort))
            {
                if (journal.Find(new UndoCommand(AnnouncedEndpoint.DeleteCommand(entry.Id))) is not UndoCommand undo)
                    continue;
                _ids[entry.Address] = entry.Id;
                _endpoints[entry.Address] = new UplinkEndpoint(entry.Id, new Uplink(entry.Address, entry.Device, entry.IsBackup), undo);
            }
        }
    }

    /// <summary>Makes these the uplinks, as far as they are there.</summary>
    public void Adapt(IReadOnlyList<UplinkOptions> uplinks)
    {
        lock (_lock)
        {
            _uplinks = uplinks;
            Refresh(addsNew: true);
        }
    }

    /// <summary>Looks which uplinks are there now.</summary>
    /// <param name="addsNew">False to take away only what has gone.</param>
    public void Refresh(bool addsNew)
    {
        lock (_lock)
        {
            if (_uplinks.Count == 0 && _endpoints.Count == 0)
                return;
            try
            {
                var addresses = DeviceAddress.Parse(Tool.Run(["ip", "-j", "address", "show"]).OrThrow().Output);
                var wanted = Uplink.Choose(_uplinks, addresses, _endpoints.Keys);
                foreach (var endpoint in _endpoints.Values.Where(endpoint => !IsWanted(endpoint)).ToList())
                    Remove(endpoint);
                if (addsNew)
                    AddOrChange(wanted);

                bool IsWanted(UplinkEndpoint endpoint) =>
                    wanted.Any(uplink => (uplink.Address, uplink.Device) == (endpoint.Uplink.Address, endpoint.Uplink.Device));
            }
            catch (Exception failure) when (failure is HostSetupException or JsonException or IOException or UnauthorizedAccessException)
            {
                HostLog.UplinksUnknown(logger, failure.Message);
            }
        }
    }

    private void AddOrChange(IReadOnlyList<Uplink> wanted)
    {
        var unknown = wanted.Where(uplink => !_endpoints.ContainsKey(uplink.Address)).ToList();
        if (unknown.Count > 0)
        {
            var present = Present();
            foreach (var uplink in unknown)
                Add(uplink, present);
        }

        foreach (var uplink in wanted)
        {
            if (_endpoints.TryGetValue(uplink.Address, out var endpoint) && endpoint.Uplink.IsBackup != uplink.IsBackup)
                Change(endpoint, uplink);
        }
    }

    private void Add(Uplink uplink, IReadOnlyList<MptcpEndpointEntry> present)
    {
        var other = present.FirstOrDefault(entry => entry.Address == uplink.Address && !entry.HasPort);
        if (other is { IsImplicit: false })
        {
            if (_reported.Add(uplink.Address))
                HostLog.UplinkIsForeign(logger, uplink.Address, uplink.Device);
            return;
        }

        // The kernel lets one of its own go for another only if that names no id; it gets the same.
        var id = _ids[uplink.Address] = other?.Id ?? ChooseId(uplink.Address, present);
        try
        {
            var undo = journal.Change(
                [
                    "ip", "mptcp", "endpoint", "add", uplink.Address.ToString(), "dev", uplink.Device,
                    .. other is null ? ["id", $"{id}"] : Array.Empty<string>(), "subflow", .. uplink.IsBackup ? ["backup"] : Array.Empty<string>(),
                ],
                AnnouncedEndpoint.DeleteCommand(id));
            _endpoints.Add(uplink.Address, new UplinkEndpoint(id, uplink, undo));
        }
        catch (HostSetupException failure)
        {
            if (_reported.Add(uplink.Address))
                HostLog.UplinkNotAdded(logger, uplink.Address, uplink.Device, failure.Message);
            return;
        }

        _reported.Remove(uplink.Address);
        HostLog.UplinkAdded(logger, uplink.Address, uplink.Device, uplink.IsBackup ? "backup" : "regular");
    }

    /// <summary>All endpoints that there are; none if there is no telling, and then those that are added may be refused.</summary>
    private IReadOnlyList<MptcpEndpointEntry> Present()
    {
        var shown = Tool.Run(["ip", "-j", "mptcp", "endpoint", "show"]);
        try
        {
            return MptcpEndpointEntry.Parse(shown.OrThrow().Output);
        }
        catch (Exception failure) when (failure is HostSetupException or JsonException)
        {
            HostLog.UplinksUnknown(logger, failure.Message);
            return [];
        }
    }

    /// <summary>An address keeps its id, by which peers know it; the kernel has 255, and a link may go and come for ever.</summary>
    private int ChooseId(HostAddress address, IReadOnlyList<MptcpEndpointEntry> present)
    {
        if (_ids.TryGetValue(address, out var before) && present.All(entry => entry.Id != before))
            return before;
        var id = HighestId;
        while (id > 1 && (present.Any(entry => entry.Id == id) || _ids.ContainsValue(id)))
            id--;
        return id;
    }

    private void Change(UplinkEndpoint endpoint, Uplink uplink)
    {
        var changed = Tool.Run(["ip", "mptcp", "endpoint", "change", "id", $"{endpoint.Id}", uplink.IsBackup ? "backup" : "nobackup"]);
        if (!changed.Succeeded)
        {
            HostLog.UplinkNotAdded(logger, uplink.Address, uplink.Device, changed.Error);
            return;
        }

        _endpoints[uplink.Address] = endpoint with { Uplink = uplink };
        HostLog.UplinkAdded(logger, uplink.Address, uplink.Device, uplink.IsBackup ? "backup" : "regular");
    }

    private void Remove(UplinkEndpoint endpoint)
    {
        _endpoints.Remove(endpoint.Uplink.Address);
        if (endpoint.Undo.Run() is { } problem)
            HostLog.NotRestored(logger, problem);
        journal.Remove(endpoint.Undo);
        HostLog.UplinkRemoved(logger, endpoint.Uplink.Address, endpoint.Uplink.Device);
    }
}
