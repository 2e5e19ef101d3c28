using System.Diagnostics.CodeAnalysis;

namespace Middlebox.Negotiation.Addresses;

/// <summary>An address and a TCP port.</summary>
public readonly record struct HostEndpoint(HostAddress Address, PortNumber Port)
{
    /// <summary>Reads <c>198.18.1.2:80</c> or <c>[2001:db8::1]:80</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out HostEndpoint endpoint)
    {
        endpoint = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon < 0 || !PortNumber.TryRead(text.AsSpan(colon + 1), out var port))
            return false;

        var host = text![..colon];
        var isBracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (!HostAddress.TryParse(isBracketed ? host[1..^1] : host, out var address))
            return false;

        // Without brackets the last group of an IPv6 address would pass for a port.
        if (isBracketed != host.Contains(':'))
            return false;

        endpoint = new HostEndpoint(address, port);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for text that is known to be an endpoint.</summary>
    /// <exception cref="FormatException">The text is not an endpoint.</exception>
    public static HostEndpoint Parse(string text) =>
        TryParse(text, out var endpoint)
            ? endpoint
            : throw new FormatException($"'{text}' is not an address and port.");

    public override int GetHashCode() => FlowHash.Of(Address, default, Port.Value);

    public override string ToString() => Address.IsIpv4 ? $"{Address}:{Port}" : $"[{Address}]:{Port}";
}
