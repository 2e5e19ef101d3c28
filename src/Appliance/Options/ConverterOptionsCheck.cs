using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Options;

/// <summary>Checks the section of the converter.</summary>
internal static class ConverterOptionsCheck
{
    public static void Run(OptionsCheck check, ConverterOptions options)
    {
        CheckAddresses(check, options);
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
        check.Range(nameof(options.CookieLifetime), options.CookieLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
        check.Range(nameof(options.RequestTimeout), options.RequestTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        check.Range(nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        check.Range(nameof(options.MaxPending), options.MaxPending, 1, 1_000_000);
        check.Range(nameof(options.MaxPendingPerClient), options.MaxPendingPerClient, 1, 1_000_000);
        check.Range(nameof(options.MaxFlowsPerClient), options.MaxFlowsPerClient, 1, 1_000_000);
        check.Range(nameof(options.RequestsPerSecondPerClient), options.RequestsPerSecondPerClient, 1, 1_000_000);
        check.Range(nameof(options.ErrorsPerSecondPerClient), options.ErrorsPerSecondPerClient, 1, 1_000_000);
    }

    private static void CheckAddresses(OptionsCheck check, ConverterOptions options)
    {
        for (var i = 0; i < options.Listen.Count; i++)
            check.OwnEndpoint($"{nameof(options.Listen)}:{i}", options.Listen[i], ConverterOptions.UsualPort);

        for (var i = 0; i < options.SourceAddresses.Count; i++)
        {
            check.Require(
                $"{nameof(options.SourceAddresses)}:{i}",
                HostAddress.TryParse(options.SourceAddresses[i], out var address) && !OptionsCheck.IsWildcard(address),
                $"'{options.SourceAddresses[i]}' is no IPv4 or IPv6 address of this host");
        }
    }
}
