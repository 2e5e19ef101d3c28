using Middlebox.Interceptor.Addressed;

namespace Middlebox.Appliance.Host;

/// <summary>Kernel parameters that connections need which the kernel relays, by their names with dots.</summary>
internal static class RelayParameters
{
    /// <summary>The parameters to be set, where this kernel has them: connection tracking must be in use.</summary>
    /// <remarks>
    /// The kernel does not see the segments that go past its rules. A reset that ends such a connection can have a sequence number that looks old to it, and would not be
    /// translated; whom it is for judges it in any case.
    /// </remarks>
    public static IEnumerable<(string Key, string Value)> Of(AddressedOptions options) =>
        options is { Listen.Count: > 0, FastPath: true } && Sysctl.Read(Sysctl.ConntrackIgnoresInvalidResets) is not null
            ? [(Sysctl.ConntrackIgnoresInvalidResets, "1")]
            : [];
}
