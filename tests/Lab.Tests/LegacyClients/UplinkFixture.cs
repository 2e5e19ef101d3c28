using System.Net.Sockets;
using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Explicit;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>Base of tests that change the uplinks of a box, by its configuration or by what happens to its interfaces.</summary>
public abstract class UplinkFixture() : ReloadLabFixture("legacy-client")
{
    protected const string Uplink = "lte";

    protected LabHost Capable => Lab["capable"];

    /// <summary>Connects the client, by plain TCP, to the capable server, and returns when the server has so many subflows.</summary>
    protected async Task<Connection> ConnectAsync(AddressFamily family, int subflows)
    {
        var connection = await ConnectAsync(family, "capable", mptcp: false);
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows);
        return connection;
    }

    /// <summary>Makes these the uplinks of the box.</summary>
    protected Task ConfigureAsync(params JsonObject[] uplinks) =>
        ReloadAsync(Box, section => section["ProxyEngine"] = new JsonObject { ["Uplinks"] = new JsonArray([.. uplinks]) });

    /// <summary>Waits until a counter of the server's kernel has grown.</summary>
    protected Task GrowthAsync(string counter, long before) => Condition.WaitAsync(
        () => Capable.Counter(counter) > before, Patience, $"the server's {counter} grows", Deadline);

    protected async Task<string> EndpointsAsync() => (await Box.RunAsync("ip", "mptcp", "endpoint", "show")).RequireSuccess();

    /// <summary>Gives a device the addresses and routes that it has lost, as whoever sets up the host's network does.</summary>
    protected async Task SetUpAsync(string host, string device)
    {
        foreach (var address in Lab.Topology.EndsOf(host).Single(end => end.Device == device).Addresses)
            await RunAsync(host, ["address", "replace", $"{address}", "dev", device, .. address.IsIPv6 ? ["nodad"] : Array.Empty<string>()]);
        foreach (var route in Lab[host].Description.Routes.Where(route => route.Device == device))
        {
            await RunAsync(
                host,
                [
                    route.Via.AddressFamily == AddressFamily.InterNetwork ? "-4" : "-6", "route", "replace", "default", "via", $"{route.Via}",
                    "dev", device, .. route.Table is { } table ? ["table", $"{table}"] : Array.Empty<string>(),
                ]);
        }
    }

    protected async Task RunAsync(string host, string[] arguments) => (await Lab[host].RunAsync("ip", arguments)).RequireSuccess();
}
