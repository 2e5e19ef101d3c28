using System.Globalization;
using System.Text.Json;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Host.Uplinks;

/// <summary>An endpoint of the kernel's path manager, whoever has added it.</summary>
/// <param name="Id">1 to 255.</param>
/// <param name="Address">Its address.</param>
/// <param name="Device">The interface that it is bound to; empty if it is to none.</param>
/// <param name="IsBackup">Whether it is a backup.</param>
/// <param name="HasPort">Whether it is announced with a port of its own, and so is another than that of the address alone.</param>
/// <param name="IsImplicit">Whether the kernel has made it, for a subflow that it opened from an address that nobody had named.</param>
internal sealed record MptcpEndpointEntry(
    int Id, HostAddress Address, string Device = "", bool IsBackup = false, bool HasPort = false, bool IsImplicit = false)
{
    /// <param name="json">Output of ip -j mptcp endpoint show, which is empty if there are none.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static IReadOnlyList<MptcpEndpointEntry> Parse(string json)
    {
        using var endpoints = JsonDocument.Parse(string.IsNullOrWhiteSpace(json) ? "[]" : json);
        var entries = new List<MptcpEndpointEntry>();
        foreach (var endpoint in endpoints.RootElement.EnumerateArray())
        {
            if (endpoint.TryGetProperty("id", out var id)
                && endpoint.TryGetProperty("address", out var text)
                && HostAddress.TryParse(text.GetString(), out var address))
            {
                entries.Add(new MptcpEndpointEntry(
                    id.GetInt32(),
                    address,
                    endpoint.TryGetProperty("dev", out var device) ? device.GetString()! : "",
                    endpoint.TryGetProperty("backup", out _),
                    endpoint.TryGetProperty("port", out _),
                    HasImplicitFlag(endpoint)));
            }
        }

        return entries;
    }

    /// <summary>Tools that do not know a flag by name print its number (MPTCP_PM_ADDR_FLAG_IMPLICIT of linux/mptcp_pm.h).</summary>
    private static bool HasImplicitFlag(JsonElement endpoint)
    {
        const uint Implicit = 0x10;
        return endpoint.TryGetProperty("implicit", out _)
            || (endpoint.TryGetProperty("rawflags", out var raw)
                && uint.TryParse(raw.GetString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var flags)
                && (flags & Implicit) != 0);
    }
}
