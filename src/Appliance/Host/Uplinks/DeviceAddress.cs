using System.Text.Json;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Host.Uplinks;

/// <summary>An address of this host from which connections can be made now.</summary>
/// <param name="Device">The interface, which is up and has a carrier.</param>
/// <param name="Address">Of global scope, and neither being checked for duplicates nor about to go.</param>
internal sealed record DeviceAddress(string Device, HostAddress Address)
{
    private static readonly string[] Unfit = ["tentative", "dadfailed", "deprecated", "temporary"];

    /// <summary>All of them, in the kernel's order.</summary>
    /// <param name="json">Output of ip -j address show.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static IReadOnlyList<DeviceAddress> Parse(string json)
    {
        using var devices = JsonDocument.Parse(json);
        return [.. devices.RootElement.EnumerateArray().Where(IsUp).SelectMany(AddressesOf)];
    }

    private static bool IsUp(JsonElement device)
    {
        if (!device.TryGetProperty("flags", out var listed))
            return false;
        var flags = listed.EnumerateArray().Select(flag => flag.GetString()).ToList();
        return flags.Contains("UP") && flags.Contains("LOWER_UP");
    }

    private static IEnumerable<DeviceAddress> AddressesOf(JsonElement device)
    {
        if (!device.TryGetProperty("ifname", out var name) || !device.TryGetProperty("addr_info", out var entries))
            yield break;
        foreach (var entry in entries.EnumerateArray())
        {
            if (entry.TryGetProperty("local", out var local)
                && entry.TryGetProperty("scope", out var scope)
                && scope.ValueEquals("global")
                && !Unfit.Any(word => entry.TryGetProperty(word, out _))
                && HostAddress.TryParse(local.GetString(), out var address))
                yield return new DeviceAddress(name.GetString()!, address);
        }
    }
}
