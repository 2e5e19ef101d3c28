using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Interceptor.Addressed;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Explain;

/// <summary>Says how the next SYN of a client that names a server to this box would be decided on, and by which keys, unless a limit is reached then.</summary>
internal static class NamedForecast
{
    /// <param name="options">The section in force.</param>
    /// <param name="connection">The client, and the server that it names.</param>
    /// <param name="isOwn">Whether an address is this host's.</param>
    /// <returns>Null if no server can be named to this box.</returns>
    public static NamedForecastReport? Of(AddressedOptions options, in FlowKey connection, Func<HostAddress, bool> isOwn)
    {
        if (options.Listen.Count == 0)
            return null;
        var server = connection.Server;
        var listen = options.Listen.Select(HostEndpoint.Parse).ToList();
        var addressed = listen.Find(endpoint => endpoint.Address.IsIpv4 == server.Address.IsIpv4);
        var toBox = new FlowKey(connection.Client, addressed == default ? listen[0] : addressed);
        var refusal = new AddressedPolicy(options.ToPolicy(), isOwn).AssessServer(in toBox, in server);
        return new NamedForecastReport(
            refusal == Reason.None ? Reason.NamedServerRelayed : refusal,
            [.. KeysOf(refusal, options, server).Select(key => $"{MiddleboxOptions.Section}:{nameof(MiddleboxOptions.Addressed)}:{key}")],
            options.KeyFile.Length > 0,
            options.RequireTag);
    }

    private static string[] KeysOf(Reason refusal, AddressedOptions options, HostEndpoint server) => refusal switch
    {
        Reason.ClientNotAllowed => [nameof(options.Clients)],
        Reason.ServerNotAllowed =>
        [
            .. options.Servers.Count == 0 || options.Servers.Any(prefix => AddressPrefix.Parse(prefix).Contains(server.Address)) ? (string[])[] : [nameof(options.Servers)],
            .. PortSet.Parse(options.Ports).Contains(server.Port) ? (string[])[] : [nameof(options.Ports)],
        ],
        Reason.Hairpin => [nameof(options.Hairpinning)],
        Reason.OtherFamily => [nameof(options.Listen)],
        _ => [],
    };
}
