using System.Net.Sockets;
using Middlebox.Lab.Running;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>A process with few open files serves as many connections as they suffice for; the others pass.</summary>
public sealed class FewDescriptorsTests() : ServingLabFixture("one-proxy")
{
    private const int Affordable = 5;
    private const int Listeners = 20;
    private const int HalfOpen = 10;
    private const int OpenFiles = 200 + Listeners + (2 * HalfOpen) + (2 * Affordable);

    protected override LabOptions Options => new() { StartBoxes = false };

    [Test]
    public async Task More_connections_than_descriptors_pass_unproxied()
    {
        var daemon = Box.Start(
            "prlimit",
            [
                $"--nofile={OpenFiles}:{OpenFiles}", "env",
                $"Middlebox__Control__Socket={Box.BoxControlSocket}",
                $"Middlebox__ProxyEngine__MaxListeners={Listeners}",
                $"Middlebox__Negotiation__MaxHalfOpen={HalfOpen}",
                .. MiddleboxCommand.Resolve(null), "run", "--config", Lab.Topology.Boxes[0].Configuration,
            ]);
        await Condition.WaitAsync(
            () => Task.FromResult(daemon.ReadLog().Contains("Serving as", StringComparison.Ordinal)), Patience, "it serves", Deadline);
        List<Connection> connections = [];
        try
        {
            for (var i = 0; i < Affordable * 3; i++)
            {
                connections.Add(await ConnectAsync(AddressFamily.InterNetwork, port: 7000 + i));
                await connections[^1].GreetAsync(Deadline);
            }

            var status = await Box.StatusAsync(Deadline);
            Assert.That((status.ActiveFlows, status.Released("flowLimit")), Is.EqualTo((Affordable, Affordable * 2L)));
        }
        catch
        {
            TestContext.Out.WriteLine(daemon.ReadLog());
            throw;
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }

        await IdleAsync();
        using var served = await ConnectAsync(AddressFamily.InterNetwork, port: 7100);
        await served.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(Affordable + 1));
    }
}
