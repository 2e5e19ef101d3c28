using Middlebox.Appliance.Options.Reference;

namespace Middlebox.Appliance.Tests.Reference;

/// <summary>Files of the repository that are made from the code. With WRITE_GENERATED=1 in the environment the tests write them anew.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class GeneratedFilesTests
{
    [Test]
    public void Schema_IsThatOfTheOptions() => AssertIsCurrent("configs/middlebox.schema.json", new ConfigurationReference().Schema() + "\n");

    [Test]
    public void Reference_IsThatOfTheEnumerations() => AssertIsCurrent("docs/reference.md", DecisionReference.Write());

    private static void AssertIsCurrent(string file, string generated)
    {
        var path = Path.Combine(FindRoot(), file);
        if (Environment.GetEnvironmentVariable("WRITE_GENERATED") == "1")
            File.WriteAllText(path, generated);
        Assert.That(
            File.Exists(path) ? File.ReadAllText(path) : "", Is.EqualTo(generated),
            $"write it anew: WRITE_GENERATED=1 dotnet test tests/Appliance.Tests --filter {nameof(GeneratedFilesTests)}");
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Middlebox.sln")))
            directory = directory.Parent;
        return directory.FullName;
    }
}
