using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Service;

/// <summary>A box that is told to end while it relays, and waits for the connections; that they may finish is shown with the package.</summary>
public sealed class DrainTests() : ServingLabFixture("one-proxy")
{
    protected override LabOptions Options => new() { StartBoxes = false };

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Boxes = [.. shipped.Boxes.Select(box => box.WithSettings(new Dictionary<string, string> { ["Middlebox:StopPatience"] = "01:00:00" }))],
    };

    [Test]
    public async Task SecondSigterm_EndsTheWait_AndTheHostIsAsBefore()
    {
        var before = await HostState.ReadAsync(Box);
        await Box.StartBoxAsync();
        using var relayed = await ConnectAsync(AddressFamily.InterNetwork);
        await relayed.GreetAsync(Deadline);

        var id = Box.BoxProcessId!.Value;
        ProcessControl.Send(id, ProcessSignal.Terminate);
        await Condition.WaitAsync(
            () => Task.FromResult(Box.BoxLog.Contains("1 connections have 01:00:00 to finish", StringComparison.Ordinal)), Patience, "it waits", Deadline);
        // It would end the process if nobody heeded it.
        ProcessControl.Send(id, ProcessSignal.HangUp);
        using (var passing = await ConnectAsync(AddressFamily.InterNetwork, port: 7001))
            await passing.GreetAsync(Deadline);
        var status = await Box.StatusAsync(Deadline);
        Assert.That((status.ActiveFlows, status.TotalFlows, status.Bypassed("stopped")), Is.EqualTo((1, 1, 1)));
        await relayed.GreetAsync(Deadline);

        Assert.That(await Box.StopBoxAsync(), Is.Zero);

        Assert.That(() => relayed.Server.Receive(new byte[1]), Throws.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionReset));
        Assert.That(Box.BoxLog, Does.Contain("1 connections have not finished, and are reset"));
        Assert.That(await HostState.ReadAsync(Box), Is.EqualTo(before));
    }
}
