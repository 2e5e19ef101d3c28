using System.Text.Json;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Host.Uplinks;

/// <summary>An endpoint of the kernel's path manager, whoever has added it.</summary>
/// <param name="Id">1 to 255.</param>
/// <param name="Address">Its address.</param>
internal sealed record MptcpEndpointEntry(int Id, HostAddress Address)
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
                entries.Add(new MptcpEndpointEntry(id.GetInt32(), address));
        }

        return entries;
    }
}
