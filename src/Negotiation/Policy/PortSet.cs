using System.Globalization;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Policy;

/// <summary>A set of TCP ports: <c>any</c>, or single ports and ranges separated by commas, as in <c>80,443,8000-8999</c>.</summary>
public sealed class PortSet
{
    private readonly ulong[] _bits = new ulong[(ushort.MaxValue + 1) / 64];

    private PortSet()
    {
    }

    /// <summary>Every port.</summary>
    public static PortSet Any { get; } = CreateAny();

    public bool Contains(PortNumber port) => (_bits[port.Value >> 6] & (1UL << (port.Value & 63))) != 0;

    /// <summary>False if the text is no such set; port 0 is none.</summary>
    public static bool TryParse(string? text, out PortSet ports)
    {
        ports = Any;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        if (text.Trim().Equals("any", StringComparison.OrdinalIgnoreCase))
            return true;

        ports = new PortSet();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-', 2);
            if (!TryParsePort(ends[0], out var first) || !TryParsePort(ends[^1], out var last) || first > last)
                return false;
            ports.Add(first, last);
        }

        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for text that has been checked.</summary>
    /// <exception cref="FormatException">The text is no set of ports.</exception>
    public static PortSet Parse(string text) =>
        TryParse(text, out var ports) ? ports : throw new FormatException($"'{text}' is no set of ports.");

    private static bool TryParsePort(string text, out ushort port) =>
        ushort.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port != 0;

    private static PortSet CreateAny()
    {
        var ports = new PortSet();
        ports.Add(ushort.MinValue, ushort.MaxValue);
        return ports;
    }

    private void Add(ushort first, ushort last)
    {
        for (int port = first; port <= last; port++)
            _bits[port >> 6] |= 1UL << (port & 63);
    }
}
