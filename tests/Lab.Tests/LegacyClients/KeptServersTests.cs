using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>What the box has learnt of servers outlives it, however it ends.</summary>
public sealed class KeptServersTests : LegacyClientFixture
{
    private string FilePath => Path.Combine(Box.RuntimeDirectory, "known.servers");

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Restart_ServerIsStillKnown_NothingIsDialledAnew(AddressFamily family)
    {
        var port = await KnownPortAsync(family);

        Assert.That(await Box.StopBoxAsync(Deadline), Is.Zero);
        await Box.StartBoxAsync(Deadline);

        await RequireKnownAsync(family, port);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Kill_ServerIsStillKnown_NothingIsDialledAnew(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        await Condition.WaitAsync(
            () => File.Exists(FilePath) && File.ReadAllText(FilePath).Contains($":{port} capable "), Patience, "it is written down", Deadline);

        await Box.KillBoxAsync(Deadline);
        await Box.StartBoxAsync(Deadline);

        await RequireKnownAsync(family, port);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task File_IsCorrupt_ServersAreAskedAnew(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        await Box.KillBoxAsync(Deadline);
        var garbage = new byte[100_000];
        Random.Shared.NextBytes(garbage);
        await File.WriteAllBytesAsync(FilePath, garbage, Deadline);
        var before = Box.BoxLog.Length;

        await Box.StartBoxAsync(Deadline);

        Assert.That(await KnownAsync(), Is.Empty);
        Assert.That(Box.BoxLog[before..], Does.Contain($"What {FilePath} says of servers is not used"));
        using (var connection = await ConnectAsync(family, "capable", port))
            await connection.GreetAsync(Deadline);
        Assert.That(await KnownAsync(), Has.Member($"{Lab.EndpointOf("capable", family, port)}"));
    }

    private async Task RequireKnownAsync(AddressFamily family, int port)
    {
        Assert.That(await KnownAsync(), Has.Member($"{Lab.EndpointOf("capable", family, port)}"));
        using var connection = await ConnectAsync(family, "capable", port);
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);
        Assert.That((await Box.StatusAsync(Deadline)).ContextsCreated, Is.EqualTo(1), "the SYN was held back at once");
        Assert.That(Box.BoxLog, Does.Not.Contain("cannot be written"));
    }

    private async Task<IReadOnlyList<string?>> KnownAsync()
    {
        var listed = JsonElement.Parse((await Box.AskAsync(Deadline, "servers", "--json")).RequireSuccess());
        return [.. listed.EnumerateArray().Select(server => server.GetProperty("server").GetString())];
    }
}
