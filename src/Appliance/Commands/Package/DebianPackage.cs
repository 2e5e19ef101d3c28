using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Middlebox.Appliance.Host;

namespace Middlebox.Appliance.Commands.Package;

/// <summary>
/// Lays out the files of the .deb as Debian has them (Filesystem Hierarchy Standard) and lets dpkg-deb(1) pack them. What is generated comes from the same
/// descriptions as the help.
/// </summary>
/// <param name="sources">The root of the repository.</param>
/// <param name="payload">The directory with the published executable.</param>
/// <param name="tree">An empty directory for the layout.</param>
/// <param name="version">Version of the package, as deb-version(7) has it.</param>
internal sealed class DebianPackage(string sources, string payload, string tree, string version)
{
    private const string Library = "usr/lib/middlebox";
    private const string Shared = "usr/share/middlebox/configs";

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] Scripts = ["postinst", "prerm", "postrm"];

    /// <summary>The .NET name of this machine's architecture, and Debian's.</summary>
    public static (string Runtime, string Debian) Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.Arm64 => ("linux-arm64", "arm64"),
        _ => ("linux-x64", "amd64"),
    };

    public string FileName => $"middlebox_{version}_{Architecture.Debian}.deb";

    /// <summary>Makes the package.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="HostSetupException">dpkg-deb failed.</exception>
    public string Make(string directory)
    {
        CopyProgram();
        CopyDirectory(Path.Combine(sources, "configs"), Shared);
        CopyDirectory(Path.Combine(sources, "docs"), "usr/share/doc/middlebox");
        Copy(Path.Combine(sources, "packaging", "middlebox.json"), "etc/middlebox/middlebox.json");
        Copy(Path.Combine(sources, "packaging", "middlebox.service"), "usr/lib/systemd/system/middlebox.service");
        var root = CommandTree.Create();
        WriteCompressed("usr/share/man/man8/middlebox.8.gz", ManualPage.Write(root, version));
        Write("usr/share/bash-completion/completions/middlebox", BashCompletion.Write(root));
        WriteControl();
        // Whatever the umask of who makes it.
        foreach (var part in Directory.EnumerateDirectories(tree, "*", SearchOption.AllDirectories).Append(tree))
            File.SetUnixFileMode(part, Executable);

        var file = Path.Combine(directory, FileName);
        // The runtime hardly gets smaller by more effort than this, which takes seconds instead of half a minute.
        Tool.Run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z6", "--build", tree, file]).OrThrow();
        return file;
    }

    private void CopyProgram()
    {
        foreach (var file in Directory.EnumerateFiles(payload).Where(file => !file.EndsWith(".pdb", StringComparison.Ordinal)))
            Copy(file, $"{Library}/{Path.GetFileName(file)}");
        File.SetUnixFileMode(Path.Combine(tree, Library, "middlebox"), Executable);
        File.CreateSymbolicLink(Place("usr/sbin/middlebox"), "../lib/middlebox/middlebox");
    }

    private void WriteControl()
    {
        var kilobytes = Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 1024;
        Write(
            "DEBIAN/control",
            File.ReadAllText(Path.Combine(sources, "packaging", "control"))
                .Replace("@VERSION@", version, StringComparison.Ordinal)
                .Replace("@ARCHITECTURE@", Architecture.Debian, StringComparison.Ordinal)
                .Replace("@SIZE@", $"{kilobytes}", StringComparison.Ordinal));
        Write("DEBIAN/conffiles", "/etc/middlebox/middlebox.json\n");
        foreach (var script in Scripts)
        {
            Copy(Path.Combine(sources, "packaging", script), $"DEBIAN/{script}");
            File.SetUnixFileMode(Path.Combine(tree, "DEBIAN", script), Executable);
        }
    }

    private void CopyDirectory(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            Copy(file, $"{to}/{Path.GetRelativePath(from, file)}");
    }

    private void Copy(string from, string to)
    {
        var place = Place(to);
        File.Copy(from, place);
        File.SetUnixFileMode(place, Readable);
    }

    private void Write(string to, string text) => File.WriteAllText(Place(to), text);

    private void WriteCompressed(string to, string text)
    {
        using var file = new GZipStream(File.Create(Place(to)), CompressionLevel.SmallestSize);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A path in the tree whose directory is there.</summary>
    private string Place(string path)
    {
        var place = Path.Combine(tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        return place;
    }
}
