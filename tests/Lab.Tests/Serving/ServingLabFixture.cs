using System.Net.Sockets;
using Middlebox.Lab.Tests.Lab;
using Middlebox.Lab.Tests.Masquerade;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Serving;

/// <summary>
/// Base of tests of the serving appliance: one lab for all tests of a fixture, which run one after the other, so that a
/// test may count what the box counts meanwhile. Fixtures run beside each other.
/// </summary>
[LabRequirement]
[Parallelizable(ParallelScope.Self)]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public abstract class ServingLabFixture(string topology)
{
    private static int _count;

    private readonly string _instance = $"s{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
    private readonly List<Laboratory> _others = [];
    private Laboratory? _lab;
    private CancellationTokenSource? _deadline;

    /// <summary>How long a test waits for anything that ought to be there at once.</summary>
    protected static TimeSpan Patience => TimeSpan.FromSeconds(10);

    protected Laboratory Lab => _lab ?? throw new InvalidOperationException("The lab is not up.");

    protected string TopologyName => topology;

    protected LabHost Client => Lab["client"];

    protected LabHost Legacy => Lab["legacy"];

    /// <summary>The box that acts for legacy servers: the one nearest them, unless a fixture says otherwise.</summary>
    protected virtual LabHost Box => Lab[Lab.Topology.Boxes[^1].Host];

    protected IEnumerable<LabHost> Boxes => Lab.Topology.Boxes.Select(box => Lab[box.Host]);

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Deadline => _deadline!.Token;

    /// <summary>How long one test may take.</summary>
    protected virtual TimeSpan TestTimeout => TimeSpan.FromSeconds(30);

    protected virtual LabOptions Options => new();

    /// <summary>Changes the topology of the repository before it is built.</summary>
    protected virtual Topology Adapt(Topology shipped) => shipped;

    /// <summary>Does on the running lab what must be done before the boxes start.</summary>
    protected virtual Task PrepareAsync() =>
        topology == "masquerade" ? Administrator.CloseInputAsync(Box) : Task.CompletedTask;

    [OneTimeSetUp]
    public async Task BringUp()
    {
        // Then no test runs: the attribute says why.
        if (LabRequirements.Missing().Count > 0)
            return;
        _lab = await UpAsync(_instance);
        await PrepareAsync();
        if (Options.StartBoxes)
            await Task.WhenAll(Boxes.Select(box => box.StartBoxAsync()));
    }

    [OneTimeTearDown]
    public async Task TakeDown()
    {
        foreach (var lab in _others.Append(_lab).OfType<Laboratory>())
            await lab.DownAsync();
    }

    [SetUp]
    public async Task BeginIdle()
    {
        _deadline = new CancellationTokenSource(TestTimeout);
        foreach (var box in Boxes.Where(box => box.BoxProcessId is not null))
            await IdleAsync(box);
    }

    [TearDown]
    public async Task EndDeadline()
    {
        if (TestContext.CurrentContext.Result.FailCount > 0)
        {
            foreach (var box in Boxes)
                TestContext.Out.WriteLine($"Log of {box.Name}:\n{box.BoxLog}\nStatus of {box.Name}: {await box.StatusReportAsync(Patience)}");
            foreach (var host in Lab.Hosts)
                TestContext.Out.WriteLine($"Counters of {host.Name}: {host.CountersReport()}");
        }
        _deadline?.Dispose();
    }

    /// <summary>The same lab once more, in which the box only forwards; taken down with the fixture.</summary>
    protected async Task<Laboratory> UpWithoutBoxesAsync()
    {
        var lab = await UpAsync($"{_instance}-{_others.Count}");
        _others.Add(lab);
        return lab;
    }

    /// <summary>Waits until a box holds nothing of any connection, and returns what it says then.</summary>
    protected async Task<BoxStatus> IdleAsync(LabHost? box = null) =>
        await StatusWhenAsync(status => status.IsIdle, "the box holds nothing", box);

    /// <summary>Waits until a box's status is as wanted.</summary>
    protected async Task<BoxStatus> StatusWhenAsync(
        Func<BoxStatus, bool> wanted, string what, LabHost? box = null, TimeSpan? patience = null)
    {
        BoxStatus? status = null;
        try
        {
            await Condition.WaitAsync(
                async () => wanted(status = await (box ?? Box).StatusAsync(Deadline)), patience ?? Patience, what, Deadline);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} Status of {(box ?? Box).Name}: {status}", exception);
        }
        return status!;
    }

    /// <summary>Waits until the box relays one connection, with so many subflows, and returns it.</summary>
    protected async Task<BoxFlow> FlowAsync(int subflows)
    {
        IReadOnlyList<BoxFlow> flows = [];
        await Condition.WaitAsync(
            async () => (flows = await Box.FlowsAsync(Deadline)) is [var flow] && flow.Subflows.Count == subflows,
            Patience, $"the box relays one connection over {subflows} subflows", Deadline);
        return flows[0];
    }

    /// <summary>Connects the client to the legacy server, and returns when the box has both of its accesses.</summary>
    protected async Task<Connection> ConnectOverBothAccessesAsync(AddressFamily family)
    {
        var connection = await ConnectAsync(family);
        try
        {
            await connection.GreetAsync(Deadline);
            await FlowAsync(subflows: 2);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Connects the client to a server's host.</summary>
    protected Task<Connection> ConnectAsync(
        AddressFamily family, string to = "legacy", bool mptcp = true, int port = 7000, int clientPort = 0) =>
        Connection.OpenAsync(Lab, family, to, Deadline, mptcp, port, clientPort);

    /// <summary>A number of what a box says of itself, by the names that lead there; 0 where there is none.</summary>
    protected Task<long> CountAsync(LabHost box, params string[] path) => box.CountAsync(Deadline, path);

    /// <summary>Sends random bytes, and compares what arrives.</summary>
    /// <param name="from">One end of a connection.</param>
    /// <param name="to">The other.</param>
    /// <param name="amount">How many bytes.</param>
    /// <param name="progress">Told after each chunk how many have come.</param>
    protected async Task AssertBytesArriveAsync(Socket from, Socket to, long amount, Action<long>? progress = null)
    {
        var receiving = ByteStream.ReceiveAsync(to, Deadline, atMost: amount, progress);
        var sent = await ByteStream.SendAsync(from, amount, Deadline);
        Assert.That(await receiving, Is.EqualTo(sent));
    }

    /// <summary>A link's rate, such as <c>50mbit</c>.</summary>
    protected static LinkRate Rate(string text) =>
        LinkRate.TryParse(text, out var rate) ? rate : throw new ArgumentException(text);

    private Task<Laboratory> UpAsync(string instance) => Laboratory.UpAsync(
        Adapt(TopologyLoader.Load(ShippedTopologies.PathOf(topology))),
        Options with { InstanceName = instance, StartBoxes = false });
}
