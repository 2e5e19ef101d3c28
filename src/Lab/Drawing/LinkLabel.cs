using System.Globalization;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Drawing;

/// <summary>What is written at a link: above its line the devices and what limits it, below it the addresses.</summary>
internal sealed record LinkLabel(
    string LeftDevice,
    string Middle,
    string RightDevice,
    IReadOnlyList<string> LeftAddresses,
    IReadOnlyList<string> RightAddresses)
{
    /// <summary>The columns that the label needs between two hosts, with a blank at each side.</summary>
    public int Width => 2 + Math.Max(
        LeftDevice.Length + Middle.Length + RightDevice.Length + (LeftDevice.Length > 0 ? 2 : 0),
        LeftAddresses.Zip(RightAddresses, (left, right) => left.Length + 1 + right.Length).DefaultIfEmpty(0).Max());

    /// <summary>Composes the label of a link.</summary>
    public static LinkLabel For(TopologyLink link, AddressDetail detail)
    {
        // Devices that are called as their link need no names of their own.
        var plain = link.Left.Device == link.Name && link.Right.Device == link.Name;
        var left = Pad(link.Left, link.Right);
        var right = Pad(link.Right, link.Left);
        return new LinkLabel(
            plain ? "" : link.Left.Device,
            string.Join(' ', new[] { link.Name, Rate(link), Loss(link) }.Where(part => part.Length > 0)),
            plain ? "" : link.Right.Device,
            detail == AddressDetail.List ? [] : [.. left.Select(own => own?.Address.ToString() ?? "")],
            detail == AddressDetail.List ? [] : [.. right.Zip(left, (own, peer) => Right(own, peer, detail))]);
    }

    /// <summary>The rates of a link: one when they are equal, else from left to right before from right to left.</summary>
    private static string Rate(TopologyLink link) =>
        link.Left.Rate == link.Right.Rate
            ? link.Left.Rate?.ToString() ?? ""
            : $"{link.Left.Rate?.ToString() ?? "full"}/{link.Right.Rate?.ToString() ?? "full"}";

    private static string Loss(TopologyLink link)
    {
        if (link.Left.Loss == 0 && link.Right.Loss == 0)
            return "";
        return link.Left.Loss.Equals(link.Right.Loss)
            ? $"loss {Percent(link.Left.Loss)}"
            : $"loss {Percent(link.Left.Loss)}/{Percent(link.Right.Loss)}";
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##}%");

    // IPv4 before IPv6, and as many entries as the other end has, so that a line holds addresses of one network.
    private static InterfaceAddress?[] Pad(LinkEnd end, LinkEnd other)
    {
        var padded = new List<InterfaceAddress?>();
        foreach (var six in new[] { false, true })
        {
            var own = end.Addresses.Where(address => address.IsIPv6 == six).ToList();
            var count = Math.Max(own.Count, other.Addresses.Count(address => address.IsIPv6 == six));
            padded.AddRange(Enumerable.Range(0, count).Select(index => index < own.Count ? own[index] : (InterfaceAddress?)null));
        }
        return [.. padded];
    }

    private static string Right(InterfaceAddress? own, InterfaceAddress? peer, AddressDetail detail) =>
        detail == AddressDetail.Short ? Shorten(own, peer) : own?.Address.ToString() ?? "";

    private static string Shorten(InterfaceAddress? own, InterfaceAddress? peer)
    {
        if (own is not { } address)
            return "";
        var text = address.Address.ToString();
        if (peer is null || !peer.Value.Covers(address.Address))
            return text;
        if (!address.IsIPv6)
            return address.PrefixLength >= 24 ? text[text.LastIndexOf('.')..] : text;
        return text.IndexOf("::", StringComparison.Ordinal) is >= 0 and var start ? text[start..] : text;
    }
}
