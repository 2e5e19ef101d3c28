using System.Net.Sockets;
using Middlebox.Lab.Running;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>A second box that would share the name or the network namespace of one that serves: it is refused, and undoes nothing of the first.</summary>
public sealed class SecondBoxTests() : ServingLabFixture("two-proxies")
{
    protected override LabOptions Options => new() { StartBoxes = false };

    protected override LabHost Box => Lab["p1"];

    protected override async Task PrepareAsync() => await Box.StartBoxAsync();

    [Test]
    public async Task Same_name_in_another_namespace_is_refused()
    {
        var other = Lab["p2"];
        var (first, second) = (await HostState.ReadAsync(Box), await HostState.ReadAsync(other));

        var refusal = await RunAsync(other, $"Middlebox__Control__Socket={Box.BoxControlSocket}");

        Assert.That(refusal.ExitCode, Is.EqualTo(1));
        Assert.That(refusal.Error, Does.Contain(Box.BoxControlSocket).And.Contain("another Name"));
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(first));
        Assert.That(await HostState.ReadAsync(other), Is.EqualTo(second));
        await RequireServingAsync();
    }

    [Test]
    public async Task Other_name_in_the_same_namespace_is_refused()
    {
        var before = await HostState.ReadAsync(Box);

        var refusal = await RunAsync(
            Box,
            $"Middlebox__Control__Socket={Box.BoxControlSocket}.second",
            "Middlebox__Interceptor__Device=mbx1",
            "Middlebox__Interceptor__FirstQueue=5000",
            "Middlebox__Interceptor__RoutingTable=30304",
            "Middlebox__Interceptor__RoutingPriority=1001");

        Assert.That(refusal.ExitCode, Is.EqualTo(1));
        Assert.That(refusal.Error, Does.Contain("network namespace").And.Contain("only one"));
        Assert.That(refusal.Output + refusal.Error, Does.Not.Contain("   at "), "a sentence, and no stack trace");
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
        await RequireServingAsync();
    }

    // What it has left there can be undone there only; to try it elsewhere would lose the list.
    [Test]
    public async Task Killed_and_started_in_another_namespace_leaves_the_first_to_be_undone_there()
    {
        var other = Lab["p2"];
        Assert.That(await Box.StopBoxAsync(), Is.Zero);
        var (first, second) = (await HostState.ReadAsync(Box), await HostState.ReadAsync(other));
        await Box.StartBoxAsync();
        await Box.KillBoxAsync();
        var left = await HostState.ReadAsync(Box);
        Assert.That(left, Is.Not.EqualTo(first));

        var elsewhere = other.Start("env", [.. Command($"Middlebox__Control__Socket={Box.BoxControlSocket}")]);
        await Condition.WaitAsync(
            () => Task.FromResult(elsewhere.ReadLog().Contains("Serving as", StringComparison.Ordinal)), Patience, "it serves", Deadline);
        elsewhere.Signal(ProcessSignal.Terminate);
        Assert.That(await elsewhere.WaitForExitAsync(Deadline), Is.Zero, elsewhere.ReadLog());

        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(left));
        Assert.That(await HostState.ReadAsync(other), Is.EqualTo(second));
        await Box.StartBoxAsync();
        Assert.That(await Box.StopBoxAsync(), Is.Zero);
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(first));
        await Box.StartBoxAsync();
    }

    private Task<CommandResult> RunAsync(LabHost host, params string[] environment) =>
        host.RunAsync(["env", .. Command(environment)], input: null, Deadline);

    private IEnumerable<string> Command(params string[] environment) =>
        [.. environment, .. MiddleboxCommand.Resolve(null), "run", "--config", Lab.Topology.Boxes[0].Configuration];

    private async Task RequireServingAsync()
    {
        var before = await Box.StatusAsync(Deadline);
        using var connection = await ConnectAsync(AddressFamily.InterNetwork);
        await connection.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows - before.TotalFlows, Is.EqualTo(1));
    }
}
