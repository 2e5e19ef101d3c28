using System.Text.Json;
using Middlebox.Native;

namespace Middlebox.Appliance.Host;

/// <summary>
/// What is to be undone, newest last, in a file: one line of JSON for each change, on disk before the change is made. The
/// next start finds there what a crash has left. Any thread may change it.
/// </summary>
public sealed class Journal
{
    // So that nobody but the box's own user can write down what root is to run.
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly List<UndoStep> _steps = [];
    private readonly Lock _lock = new();

    private Journal(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether an earlier run has left something to undo.</summary>
    public bool HasLeftovers => _steps.Count > 0;

    /// <summary>What there is to undo, newest last.</summary>
    public IReadOnlyList<UndoStep> Steps
    {
        get
        {
            lock (_lock)
                return [.. _steps];
        }
    }

    /// <summary>The step of an earlier run that does the same, if there is one.</summary>
    public UndoStep? Find(UndoStep step)
    {
        var text = JsonSerializer.Serialize(step);
        lock (_lock)
            return _steps.Find(other => JsonSerializer.Serialize(other) == text);
    }

    /// <summary>Opens the journal, with what an earlier run may have left. A line that was not written whole was not acted on.</summary>
    /// <exception cref="HostSetupException">The file is somebody else's, so what it says must not be run, or none that can be read.</exception>
    public static Journal Open(string path)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var journal = new Journal(path);
        if (RegularFile.KindOf(path) is null)
            return journal;
        var text = Read(path);
        journal._steps.AddRange(text.Split('\n').Select(Parse).OfType<UndoStep>());
        // Or the next step would be written behind the half of a line, and be no line either.
        if (text.Length > 0 && !text.EndsWith('\n'))
            journal.Append("\n");
        return journal;
    }

    /// <summary>Writes a step down; the change may be made afterwards.</summary>
    public void Add(UndoStep step)
    {
        lock (_lock)
        {
            _steps.Add(step);
            Append(JsonSerializer.Serialize(step) + "\n");
        }
    }

    /// <summary>Writes down how a change is taken back, and makes it.</summary>
    /// <returns>What takes it back.</returns>
    /// <exception cref="HostSetupException">It was not made, and is not in the journal.</exception>
    public UndoCommand Change(IReadOnlyList<string> apply, IReadOnlyList<string> undo)
    {
        var step = new UndoCommand(undo);
        if (Find(step) is UndoCommand noted)
        {
            // Made by an earlier run, or nearly: again it does no harm, and fails if it is there.
            Tool.Run(apply);
            return noted;
        }

        Add(step);
        var result = Tool.Run(apply);
        if (!result.Succeeded)
            Remove(step);
        result.OrThrow();
        return step;
    }

    /// <summary>Strikes a step off: its change was not made after all, or has been taken back.</summary>
    public void Remove(UndoStep step)
    {
        lock (_lock)
        {
            if (_steps.RemoveAll(other => ReferenceEquals(other, step)) == 0)
                return;

            // In one step, so that a crash leaves the old list or the new one.
            var draft = $"{Path}.new";
            File.Delete(draft);
            using (var file = new StreamWriter(new FileStream(
                draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly })))
            {
                foreach (var left in _steps)
                    file.WriteLine(JsonSerializer.Serialize(left));
            }

            File.Move(draft, Path, overwrite: true);
        }
    }

    /// <summary>Undoes everything, newest first, and removes the file.</summary>
    /// <param name="done">Steps, as the file has them, that another journal had as well and that are undone already; those of this one are added. Null for none.</param>
    /// <returns>What went wrong; the rest has been undone all the same.</returns>
    public IReadOnlyList<string> UndoAll(ISet<string>? done = null)
    {
        lock (_lock)
        {
            List<string> problems = [];
            for (var i = _steps.Count - 1; i >= 0; i--)
            {
                if (done?.Add(JsonSerializer.Serialize(_steps[i])) != false && _steps[i].Run() is { } problem)
                    problems.Add(problem);
            }

            _steps.Clear();
            File.Delete(Path);
            return problems;
        }
    }

    private static string Read(string path)
    {
        if (!RegularFile.TryOpen(path, out var file, out var problem))
            throw new HostSetupException($"'{path}': {problem}; it says what a box has left that was killed, and \"middlebox restore\" as that box's user takes it back");
        using var closing = file;
        if (!FileOwner.IsTrusted(file) || (File.GetUnixFileMode(file) & OthersWrite) != 0)
        {
            throw new HostSetupException(
                $"'{path}' can be written by others than root and the user who runs the box, and says what is to be run; look at it, and remove it");
        }

        return RegularFile.TryReadText(file, out var text, out problem) ? text : throw new HostSetupException($"'{path}': {problem}");
    }

    private void Append(string text)
    {
        using var file = new StreamWriter(new FileStream(
            Path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }));
        file.Write(text);
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
