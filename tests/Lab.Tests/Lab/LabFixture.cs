using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Lab;

/// <summary>Base of tests that build labs: unique names, removal after each test whatever happened in it.</summary>
[LabRequirement]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class LabFixture
{
    private static int _count;

    private readonly List<string> _instances = [];

    /// <summary>How long a test waits for anything.</summary>
    protected static TimeSpan Patience => TimeSpan.FromSeconds(10);

    [TearDown]
    public async Task RemoveLabs()
    {
        foreach (var instance in _instances)
            await Laboratory.DownAsync(instance);
    }

    /// <summary>A name that no other lab on the machine has, removed after the test.</summary>
    protected string NewInstanceName()
    {
        var name = $"t{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        _instances.Add(name);
        return name;
    }

    /// <summary>Brings up one of the project's topologies without its boxes.</summary>
    protected Task<Laboratory> UpAsync(string topology, LabOptions? options = null) =>
        UpAsync(TopologyLoader.Load(ShippedTopologies.PathOf(topology)), options ?? new LabOptions());

    /// <summary>Brings up a topology without its boxes.</summary>
    protected Task<Laboratory> UpAsync(Topology topology, LabOptions options) =>
        Laboratory.UpAsync(topology, options with { InstanceName = NewInstanceName(), StartBoxes = false });
}
