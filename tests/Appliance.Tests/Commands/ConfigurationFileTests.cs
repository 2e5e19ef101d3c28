using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Commands;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Commands;

/// <summary>Verbs that read a configuration end with an error, and do not wait, where the name stands for no file.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ConfigurationFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [TestCase("run")]
    [TestCase("check")]
    [TestCase("config", "check")]
    [TestCase("config", "show")]
    public async Task Fifo_IsRefusedWithTheRemedy(params string[] verb)
    {
        var path = Fifo.Make(_directory.File("box.json"));
        var (exitCode, _, error) = await RunAsync([.. verb, "--config", path]);
        Assert.That(exitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(error, Does.Contain(path).And.Contain("it is a FIFO, and only regular files are read; write the content into one"));
    }

    [Test]
    public async Task Device_IsRefused_AsJsonToo()
    {
        var (exitCode, output, _) = await RunAsync("config", "check", "--json", "--config", "/dev/zero");
        using var json = JsonDocument.Parse(output);
        Assert.That(exitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(json.RootElement[0].GetProperty("problem").GetString(), Does.StartWith("it is a device"));
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var command = CommandTree.Create().Parse(arguments);
        var running = Task.Run(() => command.InvokeAsync(new InvocationConfiguration { Output = output, Error = error }));
        return (await running.WaitAsync(Patience), output.ToString(), error.ToString());
    }
}
