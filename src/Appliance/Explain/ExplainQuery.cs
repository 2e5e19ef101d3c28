using System.Diagnostics.CodeAnalysis;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Explain;

/// <summary>Which connections are asked about. Its text is two words: client and server, each <c>any</c>, an address or prefix, or an address and port.</summary>
internal sealed record ExplainQuery(AddressPrefix Client, PortNumber? ClientPort, AddressPrefix Server, PortNumber? ServerPort)
{
    public static bool TryParse(
        string text, [NotNullWhen(true)] out ExplainQuery? query, [NotNullWhen(false)] out string? problem)
    {
        query = null;
        problem = null;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (client, server) = (words.ElementAtOrDefault(0) ?? "any", words.ElementAtOrDefault(1) ?? "any");
        if (words.Length > 2)
            problem = $"'{words[2]}' is too much; name a client and a server";
        else if (!TryReadPeer(client, out var clients, out var clientPort))
            problem = Problem("client", client);
        else if (!TryReadPeer(server, out var servers, out var serverPort))
            problem = Problem("server", server);
        else
            query = new ExplainQuery(clients, clientPort, servers, serverPort);
        return query is not null;
    }

    public bool Matches(FlowKey flow) =>
        Client.Contains(flow.Client.Address)
        && Server.Contains(flow.Server.Address)
        && (ClientPort is null || ClientPort == flow.Client.Port)
        && (ServerPort is null || ServerPort == flow.Server.Port);

    /// <summary>The one connection that is asked about, as far as a policy looks at it; null if the query leaves open which.</summary>
    public FlowKey? Connection => ServerPort is { } port && IsSingle(Client) && IsSingle(Server)
        ? new FlowKey(new HostEndpoint(Client.Network, ClientPort ?? default), new HostEndpoint(Server.Network, port))
        : null;

    private static bool IsSingle(AddressPrefix prefix) => !prefix.IsAny && prefix.Length == prefix.Network.Length * 8;

    private static bool TryReadPeer(string text, out AddressPrefix prefix, out PortNumber? port)
    {
        port = null;
        if (AddressPrefix.TryParse(text, out prefix))
            return true;
        if (!HostEndpoint.TryParse(text, out var endpoint))
            return false;
        port = endpoint.Port;
        return AddressPrefix.TryParse(endpoint.Address.ToString(), out prefix);
    }

    private static string Problem(string peer, string text) =>
        $"{peer} '{text}' is no address; write any, 198.18.1.2, 198.18.0.0/15, 198.18.1.2:443 or [2001:db8::1]:443";
}
