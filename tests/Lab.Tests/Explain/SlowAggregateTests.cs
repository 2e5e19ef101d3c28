using System.Net.Sockets;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Reports;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Explain;

/// <summary>Two subflows that are no faster than one, for each of the causes that one box can see.</summary>
public sealed class SlowAggregateTests() : ExplainLabFixture("one-proxy")
{
    private const long Endless = 1L << 40;

    protected override LabOptions Options => new()
    {
        Rates = new Dictionary<string, LinkRate> { ["wifi"] = Mbit(40), ["lte"] = Mbit(40) },
    };

    [Test]
    public async Task SecondAccessIsABackup_BackupSubflow()
    {
        await RunAsync(Client, "ip mptcp endpoint flush; ip mptcp endpoint add 198.18.2.2 dev lte subflow backup");
        try
        {
            using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
            var finding = await CauseAsync(Cause.BackupSubflow, connection);
            Assert.That(finding.Detail, Does.StartWith("the subflow from 198.18.2.2:"));
        }
        finally
        {
            await RunAsync(Client, "ip mptcp endpoint flush; ip mptcp endpoint add 198.18.2.2 dev lte subflow");
        }
    }

    [Test]
    public async Task UploadToASlowServer_ServerTakesLess()
    {
        await RunAsync(Box, "tc qdisc replace dev legacy root tbf rate 20mbit burst 32k limit 100k");
        try
        {
            using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
            var finding = await DuringAsync(connection.Client, connection.Server, Cause.ServerTakesLess, connection);
            Assert.That(finding.Detail, Does.Contain("wait in the box for the server"));
        }
        finally
        {
            await RunAsync(Box, "tc qdisc delete dev legacy root");
        }
    }

    [Test]
    public async Task ClientThatDoesNotRead_ClientTakesLess()
    {
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        await DuringAsync(connection.Server, null, Cause.ClientTakesLess, connection);
    }

    [Test]
    public async Task SecondPathDropsSegmentsWithData_UnusedSubflow()
    {
        const string Rule = "FORWARD -m length --length 400:65535 -j DROP";
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        await RunAsync(Lab["router"], $"iptables -I {Rule}");
        try
        {
            var finding = await DuringAsync(connection.Server, connection.Client, Cause.UnusedSubflow, connection);
            Assert.That(finding.Detail, Does.StartWith("the subflow from 198.18.2.2:"));
        }
        finally
        {
            await RunAsync(Lab["router"], $"iptables -D {Rule}");
        }
    }

    [Test]
    public async Task NothingIsWrong_NothingIsFound([Values] bool isUpload)
    {
        // A connection that has just begun may look as if something were wrong, and one whose reader waits for a processor that others use is slow at that moment.
        const long WarmUp = 6_000_000;
        const long EnoughBytes = 26_000_000;
        const int EnoughLooks = 5;
        List<string> looks = [];
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        var (from, to) = isUpload ? (connection.Client, connection.Server) : (connection.Server, connection.Client);
        var (sending, receiving) = Load(from, to, end.Token);
        try
        {
            for (var bytes = 0L; bytes < EnoughBytes || looks.Count < EnoughLooks;)
            {
                var report = await ExplainAsync($"{connection.ClientAddress}");
                if (bytes >= WarmUp)
                    looks.Add(string.Join(", ", report.Findings.Select(finding => $"{finding.Cause}: {finding.Detail}")));
                var flow = report.Flows.Single().Flow;
                bytes = flow.BytesUp + flow.BytesDown;
            }

            Assert.That(looks.Count(look => look.Length > 0), Is.LessThan(looks.Count / 2.0), string.Join('\n', looks));
        }
        finally
        {
            await EndAsync(connection, end, sending, receiving);
        }
    }

    /// <summary>Waits for a finding while one side sends as fast as it can.</summary>
    private async Task<FindingReport> DuringAsync(Socket from, Socket? to, Cause cause, Connection connection)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        var (sending, receiving) = Load(from, to, end.Token);
        try
        {
            var report = new ExplainReport();
            await Condition.WaitAsync(
                async () => (report = await ExplainAsync($"{connection.ClientAddress}")).Findings.Any(finding => finding.Cause == cause),
                Patience, $"the box finds {cause}", Deadline);
            return report.Findings.Single(finding => finding.Cause == cause);
        }
        finally
        {
            await EndAsync(connection, end, sending, receiving);
        }
    }

    private static (Task Sending, Task Receiving) Load(Socket from, Socket? to, CancellationToken end) =>
        (ByteStream.SendAsync(from, Endless, end), to is null ? Task.CompletedTask : ByteStream.ReceiveAsync(to, end));

    private static async Task EndAsync(Connection connection, CancellationTokenSource end, Task sending, Task receiving)
    {
        await end.CancelAsync();
        // Megabytes are on their way.
        Connection.Reset(connection.Client);
        Connection.Reset(connection.Server);
        await Task.WhenAll(sending, receiving).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static LinkRate Mbit(int number) => LinkRate.TryParse($"{number}mbit", out var rate) ? rate : throw new ArgumentOutOfRangeException(nameof(number));
}
