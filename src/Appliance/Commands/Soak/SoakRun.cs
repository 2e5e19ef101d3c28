using System.Diagnostics;
using System.Net;
using Middlebox.Appliance.Commands.Lab;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>A lab of its own with a kept box: load and faults until the time is over, and then everything must be as it was.</summary>
internal sealed class SoakRun(TopologyCatalogue catalogue, TimeSpan duration, IReadOnlyList<SoakFault> chosen, IProgress<string> progress)
{
    private const string TopologyName = "one-proxy";
    private const string SecondAccess = "lte";
    private const int DescriptorRoom = 32;
    private const int SocketRoom = 8;
    private const long MemoryRoom = 64 << 20;

    // What Linux loses on a second path that answers within a single system call is no fault of the box (docs/reliability.md, "What Linux loses by
    // itself"). Here a call takes as long as others keep it from the processors, which is many milliseconds on a busy machine.
    private static readonly TimeSpan SecondAccessDelay = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Telling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(75);

    private readonly SoakTally _tally = new();
    private readonly List<SoakSample> _samples = [];
    private readonly List<SoakEvent> _events = [];
    private readonly Stopwatch _watch = new();

    /// <summary>Runs it; no lab is left.</summary>
    /// <exception cref="LabException">The lab could not be raised, or a daemon did not come back.</exception>
    public async Task<SoakReport> RunAsync(CancellationToken cancellation)
    {
        var shipped = catalogue.Load(TopologyName);
        var directory = Directory.CreateTempSubdirectory("middlebox-soak");
        try
        {
            var placement = shipped.Boxes.Single();
            var configuration = Path.Combine(directory.FullName, "box.json");
            File.Copy(placement.Configuration, configuration);
            await using var lab = await Laboratory.UpAsync(
                shipped with
                {
                    Boxes = [placement with { Configuration = configuration }],
                    Links = [.. shipped.Links.Select(link => link.Name == SecondAccess ? link.WithDelay(SecondAccessDelay) : link)],
                },
                new LabOptions { InstanceName = $"soak{Environment.ProcessId}", KeepBoxes = true, StartServers = false },
                progress,
                cancellation);
            return await RunAsync(lab, lab[placement.Host], configuration, cancellation);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private bool IsEnough => _watch.Elapsed >= duration;

    private async Task<SoakReport> RunAsync(Laboratory lab, LabHost box, string configuration, CancellationToken cancellation)
    {
        var probe = new SoakProbe(box, _tally);
        var faults = new SoakFaults(lab, box, configuration, chosen);
        using var legacy = new SoakServer(lab["legacy"], mptcp: false, _tally, cancellation);
        using var capable = new SoakServer(lab["capable"], mptcp: true, _tally, cancellation);
        var rules = await probe.RulesAsync();
        var before = await probe.ReadAsync(0, cancellation);

        progress.Report($"Load and faults for {duration.TotalMinutes:0.#} min");
        _watch.Start();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sampling = SampleAsync(probe, ended.Token);
        var load = Task.WhenAll(Clients(lab).Select(client => client.RunAsync(() => IsEnough, cancellation)));
        await faults.RunAsync(fault => _events.Add(new SoakEvent(_watch.Elapsed.TotalSeconds, fault)), () => IsEnough, cancellation);
        await load;
        var seconds = _watch.Elapsed.TotalSeconds;

        progress.Report("What remains ends");
        var after = await DrainedAsync(probe, before, cancellation);
        await ended.CancelAsync();
        await sampling;
        return new SoakReport
        {
            Seconds = seconds,
            Invariants = Judge(before, after, rules == await probe.RulesAsync(), faults),
            Faults = faults.Done,
            Completed = _tally.Completed,
            Resets = _tally.Resets,
            Bytes = _tally.Bytes,
            Failures = _tally.Failures,
            Samples = _samples,
            Events = _events,
        };
    }

    private IEnumerable<SoakClient> Clients(Laboratory lab)
    {
        foreach (var (host, mptcp, kinds) in Load)
        {
            foreach (var address in lab.Topology.EndsOf(host).First().Addresses)
            {
                foreach (var kind in kinds)
                    yield return new SoakClient(lab["client"], new IPEndPoint(address.Address, SoakServer.Port), mptcp, kind, _tally);
            }
        }
    }

    private static IEnumerable<(string Host, bool Mptcp, SoakTransferKind[] Kinds)> Load =>
    [
        ("legacy", true, Enum.GetValues<SoakTransferKind>()),
        ("legacy", false, [SoakTransferKind.Short, SoakTransferKind.Idle]),
        ("capable", true, [SoakTransferKind.Bulk, SoakTransferKind.Short, SoakTransferKind.Idle]),
    ];

    private async Task SampleAsync(SoakProbe probe, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Sampling);
        var told = TimeSpan.Zero;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                _samples.Add(await probe.ReadAsync(_watch.Elapsed.TotalSeconds, cancellation));
                if (_watch.Elapsed - told < Telling)
                    continue;
                told = _watch.Elapsed;
                progress.Report($"{told.TotalSeconds:0} s: {_tally.Completed} connections, {_tally.Bytes / 1_000_000} MB, {_events.Count} faults, {_tally.Failed + _tally.Wrong} failures");
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>The box once it holds nothing any more, or what it still holds when patience has ended.</summary>
    private static async Task<SoakSample> DrainedAsync(SoakProbe probe, SoakSample before, CancellationToken cancellation)
    {
        var last = before;
        try
        {
            await Condition.WaitAsync(
                async () => (last = await probe.ReadAsync(0, cancellation)) is { Contexts: 0, Flows: 0 } && last.Sockets <= before.Sockets + SocketRoom,
                DrainPatience,
                "the box holds nothing",
                cancellation);
        }
        catch (TimeoutException)
        {
            // The invariants tell what is left.
        }

        return last;
    }

    private List<SoakInvariant> Judge(SoakSample before, SoakSample after, bool rulesAreSame, SoakFaults faults) =>
    [
        new("every byte as it was sent", $"{_tally.Wrong} streams with wrong bytes", _tally.Wrong == 0),
        new("every connection comes to its end", $"{_tally.Failed} of {_tally.Completed + _tally.Failed} failed", _tally.Failed == 0 && _tally.Completed > 0),
        new("every fault was done", string.Join(", ", faults.Done.Select(done => $"{done.Value} {done.Key}")), chosen.All(faults.Done.ContainsKey)),
        new("no context is left", $"{after.Contexts}", after.Contexts == 0),
        new("no connection is left", $"{after.Flows}", after.Flows == 0),
        new("descriptors of the daemon", $"{before.Descriptors} before, {after.Descriptors} after", after.Descriptors <= before.Descriptors + DescriptorRoom),
        new("TCP sockets in the box", $"{before.Sockets} before, {after.Sockets} after", after.Sockets <= before.Sockets + SocketRoom),
        new("memory of keeper and daemon", $"{before.MemoryBytes >> 20} MiB before, {after.MemoryBytes >> 20} MiB after", after.MemoryBytes <= before.MemoryBytes + MemoryRoom),
        new("rules of the box", rulesAreSame ? "the same" : "others", rulesAreSame),
    ];
}
