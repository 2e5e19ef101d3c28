using System.Diagnostics;
using System.Text.Json;
using Middlebox.Lab.Tests.Lab;

namespace Middlebox.Lab.Tests.Soak;

/// <summary>Half a minute of load with all faults; the verb takes as long as one likes.</summary>
public sealed class SoakTests : LabFixture
{
    [Test]
    [CancelAfter(180_000)]
    public async Task Load_with_faults_nothing_is_left_behind(CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("soak").FullName;
        try
        {
            var start = new ProcessStartInfo(
                "dotnet", [Path.Combine(AppContext.BaseDirectory, "middlebox.dll"), "soak", "--minutes", "0.4", "--json", "--out", directory])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);

            var report = JsonElement.Parse(output);
            var failed = report.GetProperty("invariants").EnumerateArray()
                .Where(invariant => !invariant.GetProperty("holds").GetBoolean())
                .Select(invariant => invariant.GetProperty("name").GetString());
            Assert.That(failed, Is.Empty, $"{await error}\n{output}");
            Assert.That(report.GetProperty("faults").EnumerateObject().Count(), Is.EqualTo(5));
            Assert.That(report.GetProperty("completed").GetInt64(), Is.GreaterThan(50));
            Assert.That(File.ReadAllText(Path.Combine(directory, "soak.svg")), Does.StartWith("<svg"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
