using System.Text;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Drawing;

/// <summary>
/// Draws a topology as text: hosts from the client at the left to the servers at the right, links as straight lines
/// between them. It says as much about addresses as the width allows; the rest follows in a list.
/// </summary>
public sealed class TopologyDrawing
{
    private const int LinePosition = 1;
    private const int HostPadding = 4;

    private readonly Topology _topology;
    private readonly LaneLayout _layout;
    private readonly DrawingGlyphs _glyphs;
    private readonly List<LinkLabel> _labels;
    private readonly int _lanePitch;
    private readonly int[] _columnStarts;
    private readonly int[] _columnWidths;

    private TopologyDrawing(Topology topology, LaneLayout layout, DrawingGlyphs glyphs, AddressDetail detail)
    {
        _topology = topology;
        _layout = layout;
        _glyphs = glyphs;
        _labels = [.. topology.Links.Select(link => LinkLabel.For(link, detail))];
        // Above the line a label, below it the addresses and an empty row; a host needs two rows inside its outline.
        _lanePitch = LinePosition + 2 + Math.Max(2, _labels.Select(label => label.LeftAddresses.Count).DefaultIfEmpty(0).Max());
        _columnWidths = [.. Enumerable.Range(0, layout.ColumnCount).Select(ColumnWidth)];
        _columnStarts = PlaceColumns();
    }

    private int Width => _columnStarts[^1] + _columnWidths[^1];

    /// <summary>The drawing, one or more lines that each end in a line feed.</summary>
    public static string Draw(Topology topology, DrawingOptions? options = null)
    {
        options ??= new DrawingOptions();
        if (topology.Hosts.Count == 0 || LaneLayout.TryFind(topology) is not { } layout)
            return LinkList(topology);
        var glyphs = options.Unicode ? DrawingGlyphs.Unicode : DrawingGlyphs.Ascii;
        foreach (var detail in new[] { AddressDetail.Full, AddressDetail.Short })
        {
            var drawing = new TopologyDrawing(topology, layout, glyphs, detail);
            if (drawing.Width <= options.Width)
                return drawing.Render();
        }
        return new TopologyDrawing(topology, layout, glyphs, AddressDetail.List).Render() + "\n" + LinkList(topology);
    }

    private static string LinkList(Topology topology)
    {
        var names = topology.Links.Select(link => link.Name.Length).DefaultIfEmpty(0).Max();
        var ends = topology.Links.Select(link => End(link.Left).Length).DefaultIfEmpty(0).Max();
        var text = new StringBuilder();
        foreach (var link in topology.Links)
            text.Append($"{link.Name.PadRight(names)}  {End(link.Left).PadRight(ends)}  to  {End(link.Right)}\n");
        return text.ToString();
    }

    private static string End(LinkEnd end) =>
        string.Join(' ', [end.Host, .. end.Addresses.Select(own => own.Address.ToString())]);

    private string Render()
    {
        var canvas = new TextCanvas();
        foreach (var host in _topology.Hosts)
            DrawHost(canvas, host);
        foreach (var (index, link) in _topology.Links.Index())
            DrawLink(canvas, link, _labels[index], _layout.Lane(index) * _lanePitch);
        return canvas.ToString();
    }

    private void DrawHost(TextCanvas canvas, TopologyHost host)
    {
        var column = _layout.Column(host.Name);
        var (first, last) = _layout.Lanes(host.Name);
        var top = first * _lanePitch;
        var height = ((last - first + 1) * _lanePitch) - 1;
        canvas.Box(top, _columnStarts[column], height, _columnWidths[column], _glyphs);
        string[] lines = Role(host) is { Length: > 0 } role ? [host.Name, role] : [host.Name];
        foreach (var (index, line) in lines.Index())
        {
            var indent = (_columnWidths[column] - line.Length) / 2;
            canvas.Write(top + ((height - lines.Length) / 2) + index, _columnStarts[column] + indent, line);
        }
    }

    private void DrawLink(TextCanvas canvas, TopologyLink link, LinkLabel label, int top)
    {
        var leftColumn = _layout.Column(link.Left.Host);
        var start = _columnStarts[leftColumn] + _columnWidths[leftColumn] - 1;
        var end = _columnStarts[_layout.Column(link.Right.Host)];
        var line = new string(_glyphs.Link, end - start - 1);
        canvas.Write(top + LinePosition, start, $"{_glyphs.OutToRight}{line}{_glyphs.OutToLeft}");
        canvas.Write(top, start + 2, label.LeftDevice);
        canvas.Write(top, end - 1 - label.RightDevice.Length, label.RightDevice);
        canvas.Write(top, start + 1 + ((end - start - 1 - label.Middle.Length) / 2), label.Middle);
        foreach (var (index, text) in label.LeftAddresses.Index())
            canvas.Write(top + LinePosition + 1 + index, start + 2, text);
        foreach (var (index, text) in label.RightAddresses.Index())
            canvas.Write(top + LinePosition + 1 + index, end - 1 - text.Length, text);
    }

    private string Role(TopologyHost host)
    {
        var roles = new List<string>();
        if (_topology.Boxes.Any(box => box.Host == host.Name))
            roles.Add("proxy");
        roles.AddRange(_topology.Elements.Where(element => element.Host == host.Name).Select(element => element.Program));
        if (_topology.Servers.FirstOrDefault(server => server.Host == host.Name) is { } server)
            roles.Add(server.Capable ? "MPTCP" : "TCP only");
        if (host.Nat is not null)
            roles.Add("NAT");
        return string.Join(" + ", roles);
    }

    private int ColumnWidth(int column) => HostPadding + _topology.Hosts
        .Where(host => _layout.Column(host.Name) == column)
        .Max(host => Math.Max(host.Name.Length, Role(host).Length));

    // Each column begins as far left as the links that end there allow.
    private int[] PlaceColumns()
    {
        var starts = new int[_layout.ColumnCount];
        for (var column = 1; column < starts.Length; column++)
        {
            starts[column] = starts[column - 1] + _columnWidths[column - 1] + 1;
            foreach (var (index, link) in _topology.Links.Index().Where(link => _layout.Column(link.Item.Right.Host) == column))
            {
                var left = _layout.Column(link.Left.Host);
                starts[column] = Math.Max(starts[column], starts[left] + _columnWidths[left] + _labels[index].Width);
            }
        }
        return starts;
    }
}
