using System.Globalization;
using Middlebox.Native;

namespace Middlebox.Appliance.Keeper;

/// <summary>How a daemon finds the channel to its keeper.</summary>
internal static class KeeperChannel
{
    /// <summary>The environment variable with the number of the descriptor.</summary>
    public const string Variable = "MIDDLEBOX_KEEPER";

    /// <summary>The channel to the keeper; null if this process has none. The tools that it starts will not hear of it.</summary>
    /// <exception cref="ErrnoException">The variable was set by somebody else, and there is no such descriptor.</exception>
    public static DescriptorChannel? FromParent()
    {
        var number = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor)
            ? DescriptorChannel.Inherited(descriptor)
            : null;
    }
}
