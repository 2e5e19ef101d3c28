using System.Text.Json;

namespace Middlebox.Lab.Running;

/// <summary>What an instance's state file says.</summary>
/// <param name="Topology">The topology's name.</param>
internal sealed record InstanceState(string Topology)
{
    /// <summary>Creates the file, which claims the instance's name; false when it is taken.</summary>
    public static bool TryCreate(InstancePaths paths, InstanceState state)
    {
        Directory.CreateDirectory(paths.State);
        try
        {
            using var file = new FileStream(paths.StateFile, FileMode.CreateNew, FileAccess.Write);
            JsonSerializer.Serialize(file, state);
            return true;
        }
        catch (IOException) when (File.Exists(paths.StateFile))
        {
            return false;
        }
    }

    /// <summary>Reads the file; null when it is missing or not complete.</summary>
    public static InstanceState? Read(InstancePaths paths)
    {
        try
        {
            return JsonSerializer.Deserialize<InstanceState>(File.ReadAllText(paths.StateFile));
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return null;
        }
    }
}
