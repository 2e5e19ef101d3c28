namespace Middlebox.ProxyEngine;

/// <summary>
/// One entry of <c>Middlebox:ProxyEngine:Uplinks</c>: a way of the box to servers, from whose addresses its kernel opens further subflows. A device, an
/// address, or both.
/// </summary>
public sealed record UplinkOptions
{
    /// <value>Interface, of which the first global IPv4 and the first global IPv6 address are used. Default empty: whichever has the address.</value>
    public string Device { get; init; } = "";

    /// <value>Address of this host. Default empty: those of the device, as they come and go.</value>
    public string Address { get; init; } = "";

    /// <value>Whether the link carries data only when the others are gone (RFC 8684 section 3.3.8). Default false.</value>
    public bool Backup { get; init; }
}
