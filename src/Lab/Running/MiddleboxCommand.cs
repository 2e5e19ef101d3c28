namespace Middlebox.Lab.Running;

/// <summary>How the appliance's executable is called.</summary>
internal static class MiddleboxCommand
{
    private const string Name = "middlebox";

    /// <summary>The program and its first arguments; the verb follows.</summary>
    /// <param name="path">An executable or a .dll; null for the running one or the one beside the running program.</param>
    /// <exception cref="LabException">There is no such file.</exception>
    public static IReadOnlyList<string> Resolve(string? path)
    {
        var running = Environment.ProcessPath;
        if (path is null && Path.GetFileName(running) == Name)
            return [running!];
        path ??= Path.Combine(AppContext.BaseDirectory, $"{Name}.dll");
        if (!File.Exists(path))
            throw new LabException($"The appliance {path} does not exist: build it, or name its executable.");
        if (!path.EndsWith(".dll", StringComparison.Ordinal))
            return [Path.GetFullPath(path)];
        var host = Path.GetFileName(running) == "dotnet" ? running! : "dotnet";
        return [host, Path.GetFullPath(path)];
    }
}
