using System.Diagnostics.CodeAnalysis;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Trace;

/// <summary>Which decisions a tracer wants: all that match every criterion that is given. Its text is the rest of a request on the control socket.</summary>
/// <remarks><c>client=PREFIX server=PREFIX ports=SET reasons=A,B past packets</c>; each word once, in any order.</remarks>
internal sealed record TraceFilter
{
    public AddressPrefix Client { get; init; } = AddressPrefix.Any;

    public AddressPrefix Server { get; init; } = AddressPrefix.Any;

    public PortSet Ports { get; init; } = PortSet.Any;

    /// <summary>Reasons wanted; empty for all.</summary>
    public IReadOnlyList<Reason> Reasons { get; init; } = [];

    /// <summary>Whether to begin with what is remembered.</summary>
    public bool Past { get; init; }

    /// <summary>Whether packets are wanted too.</summary>
    public bool Packets { get; init; }

    public bool Matches(in DecisionRecord decision) =>
        Client.Contains(decision.Flow.Client.Address)
        && Server.Contains(decision.Flow.Server.Address)
        && Ports.Contains(decision.Flow.Server.Port)
        && (Reasons.Count == 0 || Reasons.Contains(decision.Reason));

    /// <summary>Reads the words of a request.</summary>
    /// <param name="text">The words.</param>
    /// <param name="filter">The filter, if there is no problem.</param>
    /// <param name="problem">What is wrong, and what would be right.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out TraceFilter? filter, [NotNullWhen(false)] out string? problem)
    {
        filter = new TraceFilter();
        problem = null;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (word, "") : (word[..equals], word[(equals + 1)..]);
            filter = key switch
            {
                "past" => filter with { Past = true },
                "packets" => filter with { Packets = true },
                "client" => AddressPrefix.TryParse(value, out var client) ? filter with { Client = client } : null,
                "server" => AddressPrefix.TryParse(value, out var server) ? filter with { Server = server } : null,
                "ports" => PortSet.TryParse(value, out var ports) ? filter with { Ports = ports } : null,
                "reasons" => TryReasons(value, out var reasons) ? filter with { Reasons = reasons } : null,
                _ => null,
            };
            if (filter is null)
            {
                problem = Problem(key, value);
                return false;
            }
        }

        return true;
    }

    private static bool TryReasons(string text, out IReadOnlyList<Reason> reasons)
    {
        List<Reason> found = [];
        reasons = found;
        foreach (var name in text.Split(','))
        {
            if (!Enum.GetNames<Reason>().Contains(name, StringComparer.OrdinalIgnoreCase))
                return false;
            found.Add(Enum.Parse<Reason>(name, ignoreCase: true));
        }

        return true;
    }

    private static string Problem(string key, string value) => key switch
    {
        "client" or "server" => $"{key} '{value}' is no address or prefix; write 198.18.1.2 or 198.18.0.0/15",
        "ports" => $"ports '{value}' is no set of ports; write ports and ranges such as 80,443,8000-8999",
        "reasons" => $"reasons '{value}' has a name that is none; known are {string.Join(", ", Enum.GetNames<Reason>().Skip(1))}",
        _ => $"'{key}' is no criterion; known are client, server, ports, reasons, past and packets",
    };
}
