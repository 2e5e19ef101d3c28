using Middlebox.Interceptor.Addressed;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Options;

/// <summary>Checks the section about hosts that name their servers in the SYN.</summary>
internal static class AddressedOptionsCheck
{
    public static void Run(OptionsCheck check, AddressedOptions options)
    {
        for (var i = 0; i < options.Listen.Count; i++)
            check.OwnEndpoint($"{nameof(options.Listen)}:{i}", options.Listen[i], AddressedOptions.UsualPort);
        for (var i = 0; i < options.Clients.Count; i++)
            check.Prefix($"{nameof(options.Clients)}:{i}", options.Clients[i]);
        check.Require(
            nameof(options.Clients),
            options.Listen.Count == 0 || options.Clients.Count > 0,
            "is required with Listen: nobody would be served; name the prefixes of the clients, such as 198.18.0.0/15");
        for (var i = 0; i < options.Servers.Count; i++)
            check.Prefix($"{nameof(options.Servers)}:{i}", options.Servers[i]);
        check.Require(
            nameof(options.Ports),
            PortSet.TryParse(options.Ports, out _),
            $"'{options.Ports}' is no set of ports; write any, or ports and ranges such as 80,443,8000-8999");
        check.Range(nameof(options.MaxPromotions), options.MaxPromotions, 1, 1_000_000);
        check.Range(nameof(options.PromotionTimeout), options.PromotionTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    }
}
