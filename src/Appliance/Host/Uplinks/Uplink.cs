using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Host.Uplinks;

/// <summary>An address from which the kernel is to open subflows.</summary>
/// <param name="Address">An address of this host.</param>
/// <param name="Device">The interface that has it.</param>
/// <param name="IsBackup">Whether its subflows carry data only when the others are gone.</param>
internal sealed record Uplink(HostAddress Address, string Device, bool IsBackup)
{
    /// <summary>Which addresses of the host the configured uplinks mean now; an address that two of them mean is the first one's.</summary>
    /// <param name="configured">The configured ones.</param>
    /// <param name="addresses">The host's.</param>
    /// <param name="inUse">Those that are uplinks already: a device with several addresses keeps the one that it has.</param>
    public static IReadOnlyList<Uplink> Choose(
        IEnumerable<UplinkOptions> configured, IReadOnlyList<DeviceAddress> addresses, IReadOnlyCollection<HostAddress> inUse)
    {
        List<Uplink> chosen = [];
        foreach (var uplink in configured)
        {
            var fitting = addresses.Where(address => Fits(uplink, address)).OrderBy(address => inUse.Contains(address.Address) ? 0 : 1);
            foreach (var address in fitting.DistinctBy(address => address.Address.IsIpv4))
            {
                if (chosen.All(other => other.Address != address.Address))
                    chosen.Add(new Uplink(address.Address, address.Device, uplink.Backup));
            }
        }

        return chosen;
    }

    private static bool Fits(UplinkOptions uplink, DeviceAddress address) =>
        (uplink.Device.Length == 0 || uplink.Device == address.Device)
        && (uplink.Address.Length == 0 || HostAddress.Parse(uplink.Address) == address.Address);
}
