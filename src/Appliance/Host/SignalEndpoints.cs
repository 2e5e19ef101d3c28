using System.Text.Json;

namespace Middlebox.Appliance.Host;

/// <summary>The addresses that the kernel's path manager announces to clients.</summary>
internal static class SignalEndpoints
{
    /// <summary>Those that were added by somebody else than the box and have no port of their own: joins to them go to the server's port, where nothing listens.</summary>
    public static IReadOnlyList<string> WithoutListener()
    {
        var shown = Tool.Run(["ip", "-j", "mptcp", "endpoint", "show"]);
        return shown.Succeeded ? WithoutListener(shown.Output) : [];
    }

    /// <summary>The announced addresses by their ids.</summary>
    public static IReadOnlyDictionary<int, string> ById()
    {
        var shown = Tool.Run(["ip", "-j", "mptcp", "endpoint", "show"]);
        try
        {
            using var endpoints = JsonDocument.Parse(shown is { Succeeded: true, Output.Length: > 0 } ? shown.Output : "[]");
            return endpoints.RootElement.EnumerateArray()
                .Where(endpoint => endpoint.TryGetProperty("signal", out _))
                .ToDictionary(endpoint => endpoint.GetProperty("id").GetInt32(), endpoint => endpoint.GetProperty("address").GetString()!);
        }
        catch (JsonException)
        {
            return new Dictionary<int, string>();
        }
    }

    /// <param name="json">Output of ip -j mptcp endpoint show.</param>
    public static IReadOnlyList<string> WithoutListener(string json)
    {
        try
        {
            using var endpoints = JsonDocument.Parse(json.Length == 0 ? "[]" : json);
            return
            [
                .. endpoints.RootElement.EnumerateArray()
                    .Where(endpoint => endpoint.TryGetProperty("signal", out _) && !endpoint.TryGetProperty("port", out _))
                    .Select(endpoint => $"{endpoint.GetProperty("address").GetString()} without a port (ip mptcp endpoint delete id {endpoint.GetProperty("id")})"),
            ];
        }
        catch (JsonException)
        {
            // An older tool that knows no JSON; nothing is found then.
            return [];
        }
    }
}
