using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Keys;

namespace Middlebox.Appliance;

/// <summary>The shared keys of a configuration that was checked a moment ago.</summary>
/// <param name="Tags">What is asked of SYNs that name their servers to this box.</param>
/// <param name="Host">With which this host signs its own; null for none.</param>
internal sealed record CheckedKeys(TagPolicy Tags, SharedKeys? Host)
{
    public static CheckedKeys Of(MiddleboxOptions options) => new(
        new TagPolicy(Read(options.Addressed.KeyFile), options.Addressed.RequireTag), Read(options.HostProxy.KeyFile));

    /// <summary>Reads a file of keys; an empty path is no file, and null.</summary>
    /// <exception cref="HostSetupException">It has changed since it was checked: to go on without keys would be worse.</exception>
    public static SharedKeys? Read(string path)
    {
        SharedKeys? keys = null;
        if (path.Length > 0 && SharedKeyFile.Read(path, out keys) is [var problem, ..])
            throw new HostSetupException($"KeyFile: {problem}");
        return keys;
    }
}
