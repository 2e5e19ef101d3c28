using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Commands.Connect;

/// <summary>A proxy as a user writes it: a name or an address, and a port unless it is the usual one.</summary>
/// <param name="Host">Name or address, without brackets.</param>
/// <param name="Port">Its port.</param>
internal readonly record struct ProxyName(string Host, PortNumber Port)
{
    /// <summary>Reads <c>proxy.example</c>, <c>proxy.example:5124</c>, <c>2001:db8::7</c> or <c>[2001:db8::7]:5124</c>.</summary>
    public static bool TryParse(string text, out ProxyName proxy)
    {
        proxy = new ProxyName(text, new PortNumber(ConverterOptions.UsualPort));
        if (HostAddress.TryParse(text, out _))
            return true;
        if (text.StartsWith('[') && text.EndsWith(']'))
        {
            proxy = proxy with { Host = text[1..^1] };
            return HostAddress.TryParse(proxy.Host, out _);
        }

        var colon = text.LastIndexOf(':');
        if (colon < 0)
            return text.Length > 0;
        var host = text[..colon];
        if (!PortNumber.TryParse(text[(colon + 1)..], out var port) || port.Value == 0)
            return false;
        var isBracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        proxy = new ProxyName(isBracketed ? host[1..^1] : host, port);
        return isBracketed ? HostAddress.TryParse(proxy.Host, out _) : host.Length > 0 && !host.Contains(':');
    }
}
