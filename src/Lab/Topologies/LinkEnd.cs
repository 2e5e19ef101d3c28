namespace Middlebox.Lab.Topologies;

/// <summary>One end of a link: a network device of a host.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Device">The device's name inside the host.</param>
/// <param name="Addresses">IPv4 and IPv6 addresses of the device.</param>
/// <param name="Rate">The most that this end sends; null for no limit.</param>
/// <param name="Loss">The share of what this end sends that is lost on the way, from 0 to 1.</param>
public sealed record LinkEnd(
    string Host,
    string Device,
    IReadOnlyList<InterfaceAddress> Addresses,
    LinkRate? Rate,
    double Loss);
