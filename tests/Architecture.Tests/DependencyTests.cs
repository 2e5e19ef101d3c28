using System.Text.RegularExpressions;

namespace Middlebox.Architecture.Tests;

/// <summary>The arrows between the projects, as docs/architecture.md draws them.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed partial class DependencyTests
{
    // Interceptor and ProxyEngine do not know each other; Negotiation is pure; Native is the way to the kernel.
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Appliance"] = ["Bench", "Fuzzing", "Interceptor", "Lab", "ProxyEngine"],
        ["Bench"] = ["Lab", "Native", "Negotiation"],
        ["Fuzzing"] = ["Interceptor", "Native", "Negotiation"],
        ["Interceptor"] = ["Native", "Negotiation"],
        ["Lab"] = ["Native"],
        ["Native"] = [],
        ["Negotiation"] = [],
        ["ProxyEngine"] = ["Native", "Negotiation"],
    };

    [Test]
    public void Projects_AreThoseDrawn() => Assert.That(SourceTree.Projects, Is.EqualTo(Arrows.Keys.Order()));

    [TestCaseSource(nameof(Projects))]
    public void ProjectReferences_AreThoseDrawn(string project) => Assert.That(
        SourceTree.Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)).Order(),
        Is.EqualTo(Arrows[project]));

    // A reference also brings what it refers to, so the file alone does not prove that code keeps to the arrows.
    [TestCaseSource(nameof(Projects))]
    public void Code_NamesOnlyWhatIsDrawn(string project)
    {
        // The appliance puts everything together, so it may name all that it reaches.
        var allowed = project == "Appliance" ? SourceTree.Projects : [.. Arrows[project], project];
        var named =
            from file in SourceTree.FilesOf(project)
            from Match match in OwnNamespace().Matches(CodeText.Of(SourceTree.Read(file)))
            where !allowed.Contains(match.Groups["project"].Value)
            select $"{file}: {match.Value}";
        Assert.That(named, Is.Empty);
    }

    [Test]
    public void PureProjects_NeedNoPackage([Values("Negotiation", "Native")] string project) =>
        Assert.That(SourceTree.Includes(project, "PackageReference"), Is.Empty);

    [TestCaseSource(nameof(Projects))]
    public void UnsafeCode_IsInNativeOnly(string project)
    {
        if (project == "Native")
        {
            Assert.That(FilesWith(project, NativeCode()), Is.Not.Empty, "or this test looks for the wrong words");
            return;
        }

        Assert.That(FilesWith(project, NativeCode()), Is.Empty);
        Assert.That(SourceTree.Includes(project, "AllowUnsafeBlocks"), Is.Empty);
    }

    // Observations in, decisions out: no sockets, files, threads or clock.
    [Test]
    public void Negotiation_TouchesNothingOutside()
    {
        Assert.That(FilesWith("Negotiation", Outside()), Is.Empty);
        Assert.That(FilesWith("Appliance", Outside()), Is.Not.Empty, "or this test looks for the wrong words");
    }

    [TestCase("new Thread(() => {})")]
    [TestCase("DateTime.UtcNow")]
    [TestCase("DateTimeOffset.Now")]
    [TestCase("Stopwatch.GetTimestamp()")]
    [TestCase("TimeProvider.System")]
    [TestCase("File.ReadAllText(path)")]
    [TestCase("using System.Net.Sockets;")]
    [TestCase("Environment.TickCount64")]
    [TestCase("Task.Run(f)")]
    public void WordsThatLeadOutside_AreFound(string code) => Assert.That(Outside().IsMatch(code), Is.True);

    private static IEnumerable<string> Projects() => Arrows.Keys;

    private static IEnumerable<string> FilesWith(string project, Regex words) =>
        SourceTree.FilesOf(project).Where(file => words.IsMatch(CodeText.Of(SourceTree.Read(file))));

    [GeneratedRegex(@"\bMiddlebox\.(?<project>Appliance|Bench|Fuzzing|Interceptor|Lab|Native|Negotiation|ProxyEngine)\b")]
    private static partial Regex OwnNamespace();

    [GeneratedRegex(@"\b(unsafe|DllImport|LibraryImport|UnmanagedCallersOnly|NativeLibrary|fixed \()")]
    private static partial Regex NativeCode();

    [GeneratedRegex(
        @"\bSystem\.(Net|IO|Diagnostics(?!\.CodeAnalysis))\b|\b(Socket|File|FileStream|Directory|Process|Console|Thread|ThreadPool|Timer|Task"
        + @"|Stopwatch)(\.|\()|\bDateTime(Offset)?\.(Utc)?Now\b|\bTickCount|\bTimeProvider\.System\b|\basync\b|\bawait\b")]
    private static partial Regex Outside();
}
