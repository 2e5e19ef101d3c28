using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Commands.Connect;

/// <summary>A proxy as a user writes it: a name or an address, and a port unless it is the usual one.</summary>
/// <param name="Host">Name or address, without brackets.</param>
/// <param name="Port">Its port.</param>
internal readonly record struct ProxyName(string Host, PortNumber Port)
{
    /// <summary>Reads <c>proxy.example</c>, <c>proxy.example:5124</c>, <c>2001:db8::7</c> or <c>[2001:db8::7]:5124</c>.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="proxy">What it says.</param>
    /// <returns>A sentence on what is wrong; null if nothing is.</returns>
    public static string? Read(string text, out ProxyName proxy)
    {
        var (host, port) = (text, (string?)null);
        // The last colon of a bare IPv6 address is its own.
        if (!HostAddress.TryParse(text, out _) && text.LastIndexOf(':') is var colon && colon > text.LastIndexOf(']'))
            (host, port) = (text[..colon], text[(colon + 1)..]);
        var isBracketed = host.Length > 1 && host[0] == '[' && host[^1] == ']';
        if (isBracketed)
            host = host[1..^1];

        var number = new PortNumber(ConverterOptions.UsualPort);
        var isPort = port is null || (PortNumber.TryParse(port, out number) && number.Value > 0);
        proxy = new ProxyName(host, number);
        if (isBracketed && !HostAddress.TryParse(host, out _))
            return $"'{host}' in brackets is no address";
        if (!isBracketed && port is not null && host.Contains(':'))
            return $"'{text}' is no IPv6 address, and one with a port behind it is written in brackets";
        return HostName.ProblemOf(host) ?? (isPort ? null : $"'{port}' is no port; a port is 1 to 65535");
    }
}
