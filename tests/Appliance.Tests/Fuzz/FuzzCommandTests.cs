using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Commands;
using Middlebox.Appliance.Commands.Fuzz;
using Middlebox.Testing;

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

    [Test]
    [CancelAfter(10_000)]
    public async Task CorpusWithAFifo_IsRefused(CancellationToken deadline)
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("option"));
        var path = Fifo.Make(directory.File("option/input.bin"));
        await RequireRefusalAsync(directory.Path, $"{path}: it is a FIFO", deadline);
    }

    // Each would be taken for an empty corpus, and a finding would find no place.
    [Test]
    [CancelAfter(10_000)]
    public async Task CorpusThatIsNoDirectory_IsRefused(CancellationToken deadline)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("file");
        await File.WriteAllTextAsync(file, "", deadline);
        var fifo = Fifo.Make(directory.File("fifo"));
        Directory.CreateDirectory(directory.File("findings"));
        var folder = Fifo.Make(directory.File("findings/option"));
        const string Remedy = "and a directory is asked for; name one";
        await RequireRefusalAsync(file, $"{file}: it is a regular file, {Remedy}", deadline);
        await RequireRefusalAsync(fifo, $"{fifo}: it is a FIFO, {Remedy}", deadline);
        await RequireRefusalAsync("/dev/null", $"/dev/null: it is a device, {Remedy}", deadline);
        await RequireRefusalAsync(directory.File("findings"), $"{folder}: it is a FIFO, {Remedy}", deadline);
    }

    [TestCase("nonsense")]
    [TestCase("--minutes", "0")]
    [TestCase("--minutes", "-1")]
    [TestCase("--minutes", "x")]
    [TestCase("--minutes", "NaN")]
    public void WrongArgument_IsRefused(params string[] arguments) => Assert.That(new FuzzCommand().Parse(arguments).Errors, Is.Not.Empty);

    private static async Task RequireRefusalAsync(string corpus, string problem, CancellationToken deadline)
    {
        using var error = new StringWriter();
        var command = new FuzzCommand().Parse(["option", "--inputs", "1", "--corpus", corpus]);
        var running = Task.Run(() => command.InvokeAsync(new InvocationConfiguration { Output = TextWriter.Null, Error = error }), deadline);
        Assert.That(await running.WaitAsync(deadline), Is.EqualTo(ExitCode.Failure));
        Assert.That(error.ToString(), Does.Contain($"fuzz: {problem}"));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var exitCode = await new FuzzCommand().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = TextWriter.Null });
        return (exitCode, output.ToString());
    }
}
