using Middlebox.Lab.Tests.Lab;

namespace Middlebox.Lab.Tests.Readme;

/// <summary>Runs what the README tells a newcomer to type, as he would: with the launcher, from the root of the repository.</summary>
[LabRequirement]
[NonParallelizable]
public sealed class ReadmeTests
{
    // The test command would run this test again.
    private const string TestCommand = "./middlebox test";

    [TearDown]
    public Task RemoveLab() => Laboratory.DownAsync("one-proxy");

    [Test]
    public void Blocks_NameTheTwoCommandsFirst() =>
        Assert.That(DocumentedCommands.Of("README.md").Take(2), Is.EqualTo(new[] { "./middlebox demo", TestCommand }));

    [Test]
    [CancelAfter(300_000)]
    public async Task Blocks_EveryCommandSucceeds(CancellationToken cancellation)
    {
        foreach (var command in DocumentedCommands.Of("README.md").Where(command => command != TestCommand))
        {
            // A newcomer has one lab up, and need not say which; on this machine others may have theirs.
            var unmistakable = command.Replace("lab exec client --", "lab exec client --instance one-proxy --", StringComparison.Ordinal);
            var (exitCode, output) = await DocumentedCommands.TypeAsync(unmistakable, cancellation);
            Assert.That(exitCode, Is.Zero, $"{command}\n{output}");
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Check_OfTheShippedConfigurations_Succeeds(CancellationToken cancellation)
    {
        foreach (var configuration in new[] { "implicit", "explicit" })
        {
            var (exitCode, output) = await DocumentedCommands.TypeAsync(
                $"Middlebox__Explicit__ProxyId=1 ./middlebox check --config configs/{configuration}.json", cancellation);
            Assert.That(exitCode, Is.Zero, output);
        }
    }
}
