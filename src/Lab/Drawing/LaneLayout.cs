using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Drawing;

/// <summary>
/// Places a topology on a grid. Hosts stand in columns, one further to the right than their leftmost neighbours allow;
/// links run straight along lanes, so a host is as tall as its links need. The search takes the smallest number of lanes
/// for which nothing crosses anything; a topology of a dozen links needs three or four and the search is instant.
/// </summary>
internal sealed class LaneLayout
{
    private const int MostLanes = 6;

    private readonly IReadOnlyList<TopologyLink> _links;
    private readonly Dictionary<string, int> _columns;
    private readonly int[] _lanes;

    private LaneLayout(IReadOnlyList<TopologyLink> links, Dictionary<string, int> columns)
    {
        _links = links;
        _columns = columns;
        _lanes = new int[links.Count];
    }

    /// <summary>How many columns there are.</summary>
    public int ColumnCount => _columns.Values.Max() + 1;

    /// <summary>Finds a layout; null when links would have to cross.</summary>
    public static LaneLayout? TryFind(Topology topology)
    {
        var columns = topology.Hosts.ToDictionary(host => host.Name, _ => 0);
        foreach (var host in topology.Hosts)
        {
            foreach (var link in topology.Links.Where(link => link.Left.Host == host.Name))
                columns[link.Right.Host] = Math.Max(columns[link.Right.Host], columns[host.Name] + 1);
        }
        var layout = new LaneLayout(topology.Links, columns);
        return Enumerable.Range(1, MostLanes).Any(count => layout.Assign(0, count)) ? layout : null;
    }

    /// <summary>The column of a host, 0 at the left.</summary>
    public int Column(string host) => _columns[host];

    /// <summary>The lane of a link, 0 at the top.</summary>
    public int Lane(int link) => _lanes[link];

    /// <summary>The first and the last lane that a host takes up.</summary>
    public (int First, int Last) Lanes(string host)
    {
        var own = _links.Index().Where(link => Touches(link.Item, host)).Select(link => _lanes[link.Index]).ToList();
        return own.Count == 0 ? (0, 0) : (own.Min(), own.Max());
    }

    private static bool Touches(TopologyLink link, string host) => link.Left.Host == host || link.Right.Host == host;

    private bool Assign(int link, int laneCount)
    {
        if (link == _links.Count)
            return HostsAreClear();
        for (var lane = 0; lane < laneCount; lane++)
        {
            _lanes[link] = lane;
            if (IsFree(link) && Assign(link + 1, laneCount))
                return true;
        }
        return false;
    }

    // Two links share a lane only where one ends no later than the other begins.
    private bool IsFree(int link) =>
        Enumerable.Range(0, link).All(other => _lanes[other] != _lanes[link]
            || Right(other) <= Left(link) || Right(link) <= Left(other));

    private bool HostsAreClear() => _columns.All(host =>
    {
        var (first, last) = Lanes(host.Key);
        var passing = _links.Index().Any(link => Left(link.Index) < host.Value && host.Value < Right(link.Index)
            && _lanes[link.Index] >= first && _lanes[link.Index] <= last);
        var overlapping = _columns.Any(other => other.Key != host.Key && other.Value == host.Value
            && Lanes(other.Key).First <= last && first <= Lanes(other.Key).Last);
        return !passing && !overlapping;
    });

    private int Left(int link) => _columns[_links[link].Left.Host];

    private int Right(int link) => _columns[_links[link].Right.Host];
}
