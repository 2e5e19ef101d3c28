using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Building;

/// <summary>Applies the rates and losses of one run to a topology.</summary>
internal static class LinkOverrides
{
    /// <summary>The topology with its links changed.</summary>
    /// <exception cref="LabException">A link does not exist, or a loss is not a share.</exception>
    public static Topology Apply(Topology topology, LabOptions options)
    {
        var unknown = options.Rates.Keys.Concat(options.Losses.Keys)
            .Except(topology.Links.Select(link => link.Name)).ToList();
        if (unknown.Count > 0)
        {
            throw new LabException($"Topology {topology.Name} has no link {string.Join(", ", unknown)}: "
                + $"use one of {string.Join(", ", topology.Links.Select(link => link.Name))}.");
        }
        foreach (var (link, loss) in options.Losses.Where(entry => entry.Value is not (>= 0 and <= 1)))
            throw new LabException($"The loss {loss} of link {link} is not a share: use a number from 0 to 1.");
        return topology with { Links = [.. topology.Links.Select(link => Apply(link, options))] };
    }

    private static TopologyLink Apply(TopologyLink link, LabOptions options)
    {
        if (options.Rates.TryGetValue(link.Name, out var rate))
            link = link.WithRate(rate);
        return options.Losses.TryGetValue(link.Name, out var loss) ? link.WithLoss(loss) : link;
    }
}
