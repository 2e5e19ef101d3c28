using Middlebox.Lab.Topologies;

namespace Middlebox.Lab;

/// <summary>How a topology is brought up.</summary>
public sealed record LabOptions
{
    /// <summary>
    /// Tells this lab from others on the machine: up to 24 lower-case letters, digits and hyphens. Default: the
    /// topology's name.
    /// </summary>
    public string? InstanceName { get; init; }

    /// <summary>
    /// The appliance: an executable, or a <c>.dll</c> for the dotnet host. Default: the running executable if it is
    /// the appliance, else <c>middlebox.dll</c> beside the running program.
    /// </summary>
    public string? MiddleboxPath { get; init; }

    /// <summary>Whether the boxes' appliances are started and awaited. Default: true.</summary>
    public bool StartBoxes { get; init; } = true;

    /// <summary>Whether the appliances run under keepers, which start them again when they die. Default: false.</summary>
    public bool KeepBoxes { get; init; }

    /// <summary>Further arguments of the keepers, such as <c>--start-patience</c>. Default: none.</summary>
    public IReadOnlyList<string> KeeperArguments { get; init; } = [];

    /// <summary>Whether the web servers are started and awaited. Default: true.</summary>
    public bool StartServers { get; init; } = true;

    /// <summary>
    /// Whether the time lines of emulated links begin as soon as everything runs; else they wait for
    /// <see cref="Laboratory.StartTimelines"/>. Default: true.
    /// </summary>
    public bool StartTimelines { get; init; } = true;

    /// <summary>Rates by link name, for both directions, in place of those of the topology. Default: none.</summary>
    public IReadOnlyDictionary<string, LinkRate> Rates { get; init; } = new Dictionary<string, LinkRate>();

    /// <summary>Loss by link name, for both directions, from 0 to 1, in place of the topology's. Default: none.</summary>
    public IReadOnlyDictionary<string, double> Losses { get; init; } = new Dictionary<string, double>();

    /// <summary>Appliance settings (<c>Middlebox:Mode</c>) for all boxes, over those of the topology. Default: none.</summary>
    public IReadOnlyDictionary<string, string> BoxSettings { get; init; } = new Dictionary<string, string>();
}
