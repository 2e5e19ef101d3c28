using Middlebox.Interceptor.Addressed;

namespace Middlebox.Appliance.Options;

/// <summary>Checks the section about hosts that name their servers in the SYN.</summary>
internal static class AddressedOptionsCheck
{
    public static void Run(OptionsCheck check, AddressedOptions options)
    {
        NamedServersCheck.Run(check, options.Listen, AddressedOptions.UsualPort, options.Clients, options.Servers, options.Ports);
        _ = check.Keys(nameof(options.KeyFile), options.KeyFile);
        check.Require(
            nameof(options.RequireTag), !options.RequireTag || options.KeyFile.Length > 0,
            "needs a KeyFile: without keys no tag could be checked");
        check.Range(nameof(options.MaxPromotions), options.MaxPromotions, 1, 1_000_000);
        check.Range(nameof(options.MaxPromotionsPerSource), options.MaxPromotionsPerSource, 1, 1_000_000);
        check.Range(nameof(options.PromotionTimeout), options.PromotionTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    }
}
