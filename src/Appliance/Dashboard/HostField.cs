using System.Net;

namespace Middlebox.Appliance.Dashboard;

/// <summary>
/// The field Host of a request. A page of somebody else whose name its owner has pointed at this box (DNS rebinding) would count as of the same origin, and
/// read everything: its name is in the field. An address cannot be pointed elsewhere.
/// </summary>
internal static class HostField
{
    /// <summary>Whether a request with this Host is for this box: an address, or localhost; with any port, as tunnels have their own.</summary>
    public static bool IsOwn(string? host)
    {
        if (host is null)
            return false;
        var end = host.EndsWith(']') ? -1 : host.LastIndexOf(':');
        if (end >= 0 && !ushort.TryParse(host.AsSpan(end + 1), out _))
            return false;
        var name = end >= 0 ? host[..end] : host;
        if (name.StartsWith('['))
            return name.EndsWith(']') && IPAddress.TryParse(name[1..^1], out _);
        // What TryParse takes for an address without four numbers, such as 1 or 0x7f.1, no browser sends.
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (name.Count(letter => letter == '.') == 3 && IPAddress.TryParse(name, out _));
    }
}
