using System.Reflection;

namespace Middlebox.Appliance.Dashboard;

/// <summary>The files of the page, which lie in the assembly.</summary>
internal static class PageFiles
{
    private const string Prefix = "Dashboard/Page/";

    private static readonly Dictionary<string, (string Type, byte[] Content)> Files = Load();

    /// <summary>The paths that are known, such as <c>/style.css</c>.</summary>
    public static IReadOnlyCollection<string> Paths => Files.Keys;

    public static bool TryFind(string path, out (string Type, byte[] Content) file) =>
        Files.TryGetValue(path == "/" ? "/index.html" : path, out file);

    private static Dictionary<string, (string Type, byte[] Content)> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => "/" + name[Prefix.Length..], name => (TypeOf(name), Read(assembly, name)));
    }

    private static byte[] Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new NotSupportedException($"The page has a file {other} of no known type."),
    };
}
