using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Commands.Fuzz;

namespace Middlebox.Appliance.Tests.Fuzz;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class FuzzCommandTests
{
    [Test]
    public async Task OneTarget_SoManyInputs_IsReported()
    {
        using var directory = new TemporaryDirectory();
        var (exitCode, output) = await RunAsync("option", "--inputs", "500", "--seed", "7", "--json", "--corpus", directory.File("findings"));
        using var json = JsonDocument.Parse(output);
        Assert.That(exitCode, Is.Zero);
        Assert.That(json.RootElement[0].GetProperty("target").GetString(), Is.EqualTo("option"));
        Assert.That(json.RootElement[0].GetProperty("seed").GetInt32(), Is.EqualTo(7));
        Assert.That(json.RootElement[0].GetProperty("inputs").GetInt64(), Is.EqualTo(500));
    }

    [TestCase("nonsense")]
    [TestCase("--minutes", "0")]
    [TestCase("--minutes", "-1")]
    [TestCase("--minutes", "x")]
    [TestCase("--minutes", "NaN")]
    public void WrongArgument_IsRefused(params string[] arguments) => Assert.That(new FuzzCommand().Parse(arguments).Errors, Is.Not.Empty);

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var exitCode = await new FuzzCommand().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = TextWriter.Null });
        return (exitCode, output.ToString());
    }
}
