using System.Security.Cryptography;
using System.Text;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Running;

/// <summary>Makes the file of the key that the boxes of an instance share: a random one, with the proxies that the topology names.</summary>
internal static class ClaimKeys
{
    private const string ProxyIdSetting = "Middlebox:Explicit:ProxyId";
    private const int KeyBytes = 32;

    /// <summary>Writes the file, for its owner's eyes only, if a setting of a box refers to it.</summary>
    public static void WriteIfUsed(InstancePaths paths, Topology topology, IReadOnlyDictionary<string, string> settings)
    {
        var all = topology.Boxes.SelectMany(box => box.Settings).Concat(settings).ToList();
        if (!all.Any(setting => setting.Value.Contains(SettingPlaceholders.ClaimKeys, StringComparison.Ordinal)))
            return;
        var text = new StringBuilder()
            .Append("key 1 ").Append(Convert.ToHexString(RandomNumberGenerator.GetBytes(KeyBytes))).Append('\n')
            .Append("sign 1\n");
        foreach (var (_, id) in all.Where(setting => setting.Key == ProxyIdSetting))
            text.Append("proxy ").Append(id).Append('\n');
        Write(paths.ClaimKeys, text.ToString());
    }

    private static void Write(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(Encoding.ASCII.GetBytes(text));
    }
}
