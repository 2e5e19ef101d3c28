using System.Runtime.CompilerServices;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Tests.Options;

[TestFixture]
[NonParallelizable]
public sealed class ShippedConfigurationsTests
{
    private static IEnumerable<string> Files =>
        Directory.GetFiles(Path.Combine(Root(), "configs"), "*.json").Append(Path.Combine(Root(), "packaging", "middlebox.json"))
            .Where(file => !file.EndsWith(".schema.json", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Root(), file));

    [TestCaseSource(nameof(Files))]
    public void File_IsFaultless(string file)
    {
        ConfigurationReader.TryRead(Path.Combine(Root(), file), out _, out var errors);
        Assert.That(errors, Is.Empty);
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}
