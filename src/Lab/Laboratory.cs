using Middlebox.Lab.Building;
using Middlebox.Lab.Running;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab;

/// <summary>
/// A topology that is up on this machine. It owns network namespaces, the processes in them and two directories, all
/// named after the instance, and nothing else: the machine's own network is not touched. Down removes them by name, so a
/// lab can be removed by another process than the one that built it, and however far that one came.
/// </summary>
public sealed class Laboratory : IAsyncDisposable
{
    private readonly InstancePaths _paths;
    private readonly Dictionary<string, LabHost> _hosts;
    private readonly List<BackgroundProcess> _servers = [];
    private readonly EmulatorProcess? _emulator;

    private Laboratory(Topology topology, InstancePaths paths, LabOptions options)
    {
        Topology = topology;
        _paths = paths;
        var executable = new Lazy<IReadOnlyList<string>>(() => MiddleboxCommand.Resolve(options.MiddleboxPath));
        _emulator = topology.Links.Any(link => link.IsEmulated) ? new EmulatorProcess(paths, topology, executable) : null;
        _hosts = topology.Hosts.ToDictionary(
            host => host.Name,
            host => new LabHost(
                paths,
                host,
                topology.Boxes.Where(box => box.Host == host.Name)
                    .Select(box => new BoxProcess(paths, box, executable, options.KeepBoxes ? options.KeeperArguments : null, options.BoxSettings)).SingleOrDefault(),
                topology.Elements.Where(element => element.Host == host.Name)
                    .Select(element => new ElementProcess(paths, element, executable)).SingleOrDefault()));
    }

    /// <summary>The topology, with the rates and losses that it was brought up with.</summary>
    public Topology Topology { get; }

    /// <summary>The instance's name.</summary>
    public string InstanceName => _paths.Instance;

    /// <summary>The hosts in the topology's order.</summary>
    public IReadOnlyCollection<LabHost> Hosts => _hosts.Values;

    /// <summary>
    /// The files that servers serve under <c>/bytes/</c>: 0, 1, 1k, 100k, 1m, 10m and 100m, named by their size in bytes.
    /// </summary>
    public string ContentDirectory => _paths.Content;

    /// <summary>The file with the key that the boxes share; there only if one of them asks for it by <c>{claimKeys}</c>.</summary>
    public string ClaimKeyFile => _paths.ClaimKeys;

    /// <summary>A host by its name.</summary>
    /// <exception cref="LabException">The topology has no such host.</exception>
    public LabHost this[string host] => _hosts.TryGetValue(host, out var found)
        ? found
        : throw new LabException(
            $"Topology {Topology.Name} has no host \"{host}\": use one of {string.Join(", ", _hosts.Keys)}.");

    /// <summary>Builds a topology and starts what runs in it.</summary>
    /// <param name="topology">What to build.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told in one line each what is being done.</param>
    /// <param name="cancellation">Ends the attempt; what was built until then is removed.</param>
    /// <returns>The lab, with its servers accepting and its boxes serving.</returns>
    /// <exception cref="LabException">It could not be built; nothing is left of it.</exception>
    public static async Task<Laboratory> UpAsync(
        Topology topology,
        LabOptions? options = null,
        IProgress<string>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new LabOptions();
        var paths = new InstancePaths(options.InstanceName ?? topology.Name);
        RequireUsable(paths);
        var lab = new Laboratory(LinkOverrides.Apply(topology, options), paths, options);
        lab.Claim();
        try
        {
            await lab.BuildAsync(options, progress, cancellation);
            return lab;
        }
        catch
        {
            await lab.DownAsync();
            throw;
        }
    }

    /// <summary>The labs that are up on this machine, with those that a killed process left.</summary>
    public static IReadOnlyList<LabInstance> Existing() =>
        [.. InstancePaths.AllInstances().Select(name => new InstancePaths(name))
            .Select(paths =>
                new LabInstance(paths.Instance, InstanceState.Read(paths)?.Topology, paths.HostsWithNamespace()))];

    /// <summary>Removes an instance by its name, whoever built it; does nothing when there is none.</summary>
    /// <exception cref="LabException">Something of it could not be removed, or the name cannot be an instance's.</exception>
    public static Task DownAsync(string instance)
    {
        RequireName(instance);
        return InstanceRemoval.RemoveAsync(instance);
    }

    /// <summary>Interrupts a link: what is sent over it is lost, in both directions, until it is restored.</summary>
    /// <exception cref="LabException">There is no such link.</exception>
    public Task CutAsync(string link, CancellationToken cancellation = default) =>
        new LinkCut(InstanceName, Link(link)).CutAsync(cancellation);

    /// <summary>Mends a link that was cut.</summary>
    /// <exception cref="LabException">There is no such link, or it was not cut.</exception>
    public Task RestoreAsync(string link, CancellationToken cancellation = default) =>
        new LinkCut(InstanceName, Link(link)).RestoreAsync(cancellation);

    /// <summary>Lets the time lines of all emulated links begin, or begin anew, at the same moment.</summary>
    /// <exception cref="LabException">No link of the topology is emulated, or the emulator has ended.</exception>
    public void StartTimelines() => (_emulator
        ?? throw new LabException($"Topology {Topology.Name} has no emulated link: give one a \"delay\" or a \"timeline\".")).StartTimelines();

    /// <summary>Takes the lab down: processes, namespaces, files. Does nothing the second time.</summary>
    /// <exception cref="LabException">Something could not be removed.</exception>
    public Task DownAsync()
    {
        foreach (var host in _hosts.Values)
            host.Dispose();
        foreach (var server in _servers)
            server.Dispose();
        _emulator?.Dispose();
        return InstanceRemoval.RemoveAsync(InstanceName);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await DownAsync();

    private static void RequireUsable(InstancePaths paths)
    {
        RequireName(paths.Instance);
        var missing = LabRequirements.Missing();
        if (missing.Count > 0)
            throw new LabException("This machine cannot run labs.\n" + string.Join('\n', missing));
    }

    private static void RequireName(string instance)
    {
        if (!InstancePaths.IsInstanceName(instance))
        {
            throw new LabException(
                $"\"{instance}\" is not an instance name: use up to 24 lower-case letters, digits and hyphens.");
        }
    }

    private TopologyLink Link(string name) => Topology.Links.FirstOrDefault(link => link.Name == name)
        ?? throw new LabException($"Topology {Topology.Name} has no link \"{name}\": "
            + $"use one of {string.Join(", ", Topology.Links.Select(link => link.Name))}.");

    private void Claim()
    {
        if (_paths.HostsWithNamespace().Count > 0 || !InstanceState.TryCreate(_paths, new InstanceState(Topology.Name)))
        {
            throw new LabException($"Lab {InstanceName} is already up: run \"middlebox lab down {InstanceName}\" first, "
                + "or give the new one another name with --instance.");
        }
    }

    private async Task BuildAsync(LabOptions options, IProgress<string>? progress, CancellationToken cancellation)
    {
        progress?.Report($"Building {Topology.Hosts.Count} hosts and {Topology.Links.Count} links");
        var content = options.StartServers && Topology.Servers.Count > 0
            ? Task.Run(() => ServedContent.Write(_paths.Content), cancellation)
            : Task.CompletedTask;
        try
        {
            await new NetworkBuilder(Topology, InstanceName, _emulator).BuildAsync(cancellation);
        }
        finally
        {
            // Also after a failure: whoever removes the directory must not race with its writer.
            await content;
        }
        ClaimKeys.WriteIfUsed(_paths, Topology, options.BoxSettings);
        if (options.StartServers)
            await StartServersAsync(progress, cancellation);
        await StartElementsAsync(progress, cancellation);
        if (options.StartBoxes)
            await StartBoxesAsync(progress, cancellation);
        if (options.StartTimelines)
            _emulator?.StartTimelines();
    }

    private async Task StartServersAsync(IProgress<string>? progress, CancellationToken cancellation)
    {
        foreach (var server in Topology.Servers)
            progress?.Report($"Starting the {(server.Capable ? "MPTCP" : "plain TCP")} web server on {server.Host}");
        _servers.AddRange(await Task.WhenAll(
            Topology.Servers.Select(server => new WebServer(_paths, server).StartAsync(cancellation))));
    }

    private async Task StartElementsAsync(IProgress<string>? progress, CancellationToken cancellation)
    {
        foreach (var element in Topology.Elements)
            progress?.Report($"Starting {element.Program} on {element.Host}");
        await Task.WhenAll(Topology.Elements.Select(element => this[element.Host].StartElementAsync(cancellation)));
    }

    private async Task StartBoxesAsync(IProgress<string>? progress, CancellationToken cancellation)
    {
        foreach (var box in Topology.Boxes)
            progress?.Report($"Starting the appliance on {box.Host}");
        await Task.WhenAll(Topology.Boxes.Select(box => this[box.Host].StartBoxAsync(cancellation)));
    }
}
