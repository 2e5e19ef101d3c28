using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Options;

/// <summary>Checks the section of the converter.</summary>
internal static class ConverterOptionsCheck
{
    public static void Run(OptionsCheck check, ConverterOptions options)
    {
        NamedServersCheck.Run(check, options.Listen, ConverterOptions.UsualPort, options.Clients, options.Servers, options.Ports);
        CheckSourceAddresses(check, options);
        check.Range(nameof(options.CookieLifetime), options.CookieLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
        check.Range(nameof(options.RequestTimeout), options.RequestTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        check.Range(nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        check.Range(nameof(options.MaxPending), options.MaxPending, 1, 1_000_000);
        check.Range(nameof(options.MaxPendingPerClient), options.MaxPendingPerClient, 1, 1_000_000);
        check.Range(nameof(options.MaxFlowsPerClient), options.MaxFlowsPerClient, 1, 1_000_000);
        check.Range(nameof(options.RequestsPerSecondPerClient), options.RequestsPerSecondPerClient, 1, 1_000_000);
        check.Range(nameof(options.ErrorsPerSecondPerClient), options.ErrorsPerSecondPerClient, 1, 1_000_000);
    }

    private static void CheckSourceAddresses(OptionsCheck check, ConverterOptions options)
    {
        for (var i = 0; i < options.SourceAddresses.Count; i++)
        {
            check.Require(
                $"{nameof(options.SourceAddresses)}:{i}",
                HostAddress.TryParse(options.SourceAddresses[i], out var address) && !OptionsCheck.IsWildcard(address),
                $"'{options.SourceAddresses[i]}' is no IPv4 or IPv6 address of this host");
        }
    }
}
