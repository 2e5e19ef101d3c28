using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Options;

/// <summary>Checks what the sections <c>Converter</c> and <c>Addressed</c> have in common: where hosts name their servers to the box, which hosts may, and which servers.</summary>
internal static class NamedServersCheck
{
    /// <param name="check">Of the section.</param>
    /// <param name="listen">Its key <c>Listen</c>, and so on.</param>
    /// <param name="usualPort">A port for examples.</param>
    /// <param name="clients">Prefixes.</param>
    /// <param name="servers">Prefixes.</param>
    /// <param name="ports">A set of ports.</param>
    public static void Run(
        OptionsCheck check, IReadOnlyList<string> listen, int usualPort, IReadOnlyList<string> clients, IReadOnlyList<string> servers, string ports)
    {
        for (var i = 0; i < listen.Count; i++)
            check.OwnEndpoint($"Listen:{i}", listen[i], usualPort);
        for (var i = 0; i < clients.Count; i++)
            check.Prefix($"Clients:{i}", clients[i]);
        check.Require(
            "Clients",
            listen.Count == 0 || clients.Count > 0,
            "is required with Listen: nobody would be served; name the prefixes of the clients, such as 198.18.0.0/15");
        for (var i = 0; i < servers.Count; i++)
            check.Prefix($"Servers:{i}", servers[i]);
        check.Require("Ports", PortSet.TryParse(ports, out _), $"'{ports}' is no set of ports; write any, or ports and ranges such as 80,443,8000-8999");
    }
}
