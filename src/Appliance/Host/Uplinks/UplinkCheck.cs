using System.Text.Json;
using Middlebox.Appliance.Options;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Host.Uplinks;

/// <summary>The part of the self-check about uplinks: which addresses each means now.</summary>
internal static class UplinkCheck
{
    public static IEnumerable<Finding> Run(IReadOnlyList<UplinkOptions> uplinks)
    {
        if (uplinks.Count == 0)
            return [];
        var shown = Tool.Run(["ip", "-j", "address", "show"]);
        try
        {
            var addresses = DeviceAddress.Parse(shown.OrThrow().Output);
            return [.. uplinks.Select(uplink => Check(uplink, Uplink.Choose([uplink], addresses, [])))];
        }
        catch (Exception failure) when (failure is HostSetupException or JsonException)
        {
            return [new Finding(Severity.Warning, "Uplinks", $"cannot be looked at: {failure.Message}", "On Debian: apt-get install iproute2")];
        }
    }

    private static Finding Check(UplinkOptions configured, IReadOnlyList<Uplink> found)
    {
        var name = string.Join(' ', new[] { configured.Device, configured.Address }.Where(part => part.Length > 0));
        return found.Count > 0
            ? new Finding(Severity.Good, "Uplink", string.Join(", ", found.Select(uplink => $"{uplink.Address} on {uplink.Device}")))
            : new Finding(
                Severity.Warning,
                "Uplink",
                $"{name} is not there now, and is used when it comes",
                $"If it ought to be there: ip address show; its name is in {MiddleboxOptions.Section}:ProxyEngine:Uplinks");
    }
}
