using System.Globalization;

namespace Middlebox.Appliance.Options;

/// <summary>Groups of this machine (group(5)). Those of a directory service are known by their numbers only.</summary>
internal static class UserGroup
{
    private const string Groups = "/etc/group";

    /// <summary>The group's number, by its name or as it is.</summary>
    public static bool TryFind(string nameOrNumber, out uint id)
    {
        // The largest one means "unchanged" to chown(2).
        if (uint.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id < uint.MaxValue)
            return true;
        var line = File.Exists(Groups) ? File.ReadLines(Groups).Select(line => line.Split(':')).FirstOrDefault(parts => parts[0] == nameOrNumber) : null;
        return uint.TryParse(line?.ElementAtOrDefault(2), NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }
}
