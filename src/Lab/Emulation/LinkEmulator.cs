using System.Text.Json;

namespace Middlebox.Lab.Emulation;

/// <summary>
/// Carries the packets of all emulated links of a lab, each on a thread of its own, until it is disposed of; the links' devices go with it. What
/// <c>middlebox lab element emulate-links</c> runs.
/// </summary>
public sealed class LinkEmulator : IDisposable
{
    private readonly List<LinkThread> _links = [];

    private LinkEmulator()
    {
    }

    /// <summary>Makes the links of a plan, a file that the lab has written.</summary>
    /// <exception cref="LabException">The plan or a trace cannot be used.</exception>
    /// <exception cref="IOException">A file cannot be read or a device cannot be made.</exception>
    public static LinkEmulator Start(string planPath)
    {
        var emulator = new LinkEmulator();
        try
        {
            foreach (var link in Read(planPath))
                emulator._links.Add(new LinkThread(link));
            return emulator;
        }
        catch
        {
            emulator.Dispose();
            throw;
        }
    }

    /// <summary>Lets the time lines of all links begin, or begin anew, at the same moment.</summary>
    public void StartTimelines() => _links.ForEach(link => link.StartTimeline());

    public void Dispose() => _links.ForEach(link => link.Dispose());

    internal static void Write(string planPath, IReadOnlyList<EmulatedLink> links) =>
        File.WriteAllText(planPath, JsonSerializer.Serialize(links));

    private static List<EmulatedLink> Read(string planPath)
    {
        try
        {
            return JsonSerializer.Deserialize<List<EmulatedLink>>(File.ReadAllText(planPath)) ?? [];
        }
        catch (JsonException exception)
        {
            throw new LabException($"The plan {planPath} cannot be used: {exception.Message}", exception);
        }
    }
}
