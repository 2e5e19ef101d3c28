using System.Text.Json;

namespace Middlebox.Appliance.Host;

/// <summary>
/// What is to be undone, newest last, in a file: one line of JSON for each change, on disk before the change is made. The
/// next start finds there what a crash has left.
/// </summary>
public sealed class Journal
{
    private readonly string _path;
    private readonly List<UndoStep> _steps = [];

    private Journal(string path) => _path = path;

    /// <summary>Whether an earlier run has left something to undo.</summary>
    public bool HasLeftovers => _steps.Count > 0;

    /// <summary>Opens the journal, with what an earlier run may have left. A line that was not written whole was not acted on.</summary>
    public static Journal Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var journal = new Journal(path);
        if (!File.Exists(path))
            return journal;
        var text = File.ReadAllText(path);
        journal._steps.AddRange(text.Split('\n').Select(Parse).OfType<UndoStep>());
        // Or the next step would be written behind the half of a line, and be no line either.
        if (text.Length > 0 && !text.EndsWith('\n'))
            File.AppendAllText(path, "\n");
        return journal;
    }

    /// <summary>Writes a step down; the change may be made afterwards.</summary>
    public void Add(UndoStep step)
    {
        _steps.Add(step);
        File.AppendAllText(_path, JsonSerializer.Serialize(step) + "\n");
    }

    /// <summary>Undoes everything, newest first, and removes the file.</summary>
    /// <returns>What went wrong; the rest has been undone all the same.</returns>
    public IReadOnlyList<string> UndoAll()
    {
        List<string> problems = [];
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            if (_steps[i].Run() is { } problem)
                problems.Add(problem);
        }

        _steps.Clear();
        File.Delete(_path);
        return problems;
    }

    private static UndoStep? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<UndoStep>(line);
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
