using System.Globalization;
using System.Numerics;

namespace Middlebox.Interceptor;

/// <summary>
/// The three values that packets and sockets of the box carry in its bits of the mark; all other bits are left alone.
/// </summary>
public readonly record struct PacketMarks
{
    private PacketMarks(uint mask)
    {
        Mask = mask;
        var unit = 1u << BitOperations.TrailingZeroCount(mask);
        Divert = unit;
        ClientLeg = 2 * unit;
        ServerLeg = 3 * unit;
    }

    public uint Mask { get; }

    /// <summary>On packets for a socket of the box: routed to the box itself.</summary>
    public uint Divert { get; }

    /// <summary>On sockets towards the client, which connection tracking must not see.</summary>
    public uint ClientLeg { get; }

    /// <summary>On sockets towards the server, which are tracked and translated like the client's own packets.</summary>
    public uint ServerLeg { get; }

    /// <summary>On tracked connections, not on packets: one that is relayed by translation, and whose segments are queued.</summary>
    public uint Observed => Divert;

    /// <summary>On tracked connections: one that is relayed by translation alone.</summary>
    public uint Relayed => ClientLeg;

    /// <summary>On tracked connections: one of this host's own that is refused, because the proxy does not answer.</summary>
    public uint Refused => ServerLeg;

    /// <summary>False if the text is no hexadecimal mask, or its lowest bit has no neighbour above it.</summary>
    public static bool TryParse(string? text, out PacketMarks marks)
    {
        marks = default;
        if (text is null || !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            || !uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mask)
            || mask == 0)
            return false;
        var unit = 1u << BitOperations.TrailingZeroCount(mask);
        if ((mask & (unit << 1)) == 0)
            return false;
        marks = new PacketMarks(mask);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for text that has been checked.</summary>
    /// <exception cref="FormatException">The text is no such mark.</exception>
    public static PacketMarks Parse(string text) =>
        TryParse(text, out var marks) ? marks : throw new FormatException($"'{text}' is no mark with two adjacent bits.");

    /// <summary>A value of this set as iptables and ip write it.</summary>
    public string Format(uint value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}/0x{Mask:x}");
}
