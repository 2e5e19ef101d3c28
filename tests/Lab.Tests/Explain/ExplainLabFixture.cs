using System.Net.Sockets;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Reports;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Explain;

/// <summary>Base of tests that provoke a cause and ask the box for it.</summary>
public abstract class ExplainLabFixture(string topology) : ServingLabFixture(topology)
{
    /// <summary>Asks the box as <c>middlebox explain</c> does.</summary>
    protected Task<ExplainReport> ExplainAsync(string client = "any", string server = "any") =>
        ControlClient.AskAsync<ExplainReport>(Box.BoxControlSocket, $"{ControlProtocol.Explain} {client} {server}", Deadline);

    /// <summary>Waits until the box names a cause at a connection, and checks that it is the only one.</summary>
    protected async Task<FindingReport> CauseAsync(Cause cause, Connection connection)
    {
        var report = new ExplainReport();
        try
        {
            await Condition.WaitAsync(
                async () => (report = await ExplainAsync($"{connection.ClientAddress}")).Findings.Any(finding => finding.Cause == cause),
                Patience, $"the box finds {cause}", Deadline);
        }
        catch (TimeoutException)
        {
            TestContext.Out.WriteLine((await Box.AskAsync(Deadline, "explain", $"{connection.ClientAddress}")).Output);
            throw;
        }

        Assert.That(report.Findings.Select(finding => finding.Cause), Is.EqualTo(new[] { cause }));
        return report.Findings[0];
    }

    /// <summary>A connection to the legacy server on which both sides have spoken, so that the client joins if it will.</summary>
    protected async Task<Connection> ConnectAndGreetAsync(int port = 7000)
    {
        var connection = await ConnectAsync(AddressFamily.InterNetwork, port: port);
        await connection.GreetAsync(Deadline);
        return connection;
    }

    /// <summary>Does a thing on a host that the test takes back.</summary>
    protected static async Task RunAsync(LabHost host, string command) =>
        (await host.RunAsync("sh", "-c", command)).RequireSuccess();
}
