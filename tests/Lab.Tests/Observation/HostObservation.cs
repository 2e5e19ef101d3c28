using System.Globalization;
using System.Text.Json;
using Middlebox.Appliance.Control;

namespace Middlebox.Lab.Tests.Observation;

/// <summary>Looks into the hosts of a lab: what their boxes say, and what their kernels count.</summary>
public static class HostObservation
{
    /// <summary>Asks the box on its control socket, as <c>middlebox status</c> does, but without a process for it.</summary>
    public static async Task<BoxStatus> StatusAsync(this LabHost box, CancellationToken cancellation) =>
        new(JsonElement.Parse(await ControlClient.AskAsync(box.BoxControlSocket, ControlProtocol.Status, cancellation)));

    /// <summary>A number of what a box says of itself, by the names that lead there; 0 where there is none.</summary>
    public static async Task<long> CountAsync(this LabHost box, CancellationToken cancellation, params string[] path)
    {
        var value = JsonElement.Parse(await ControlClient.AskAsync(box.BoxControlSocket, ControlProtocol.Status, cancellation));
        foreach (var name in path)
        {
            if (!value.TryGetProperty(name, out value))
                return 0;
        }

        return value.GetInt64();
    }

    /// <summary>As <see cref="StatusAsync"/>, for <c>middlebox flows</c>.</summary>
    public static async Task<IReadOnlyList<BoxFlow>> FlowsAsync(this LabHost box, CancellationToken cancellation)
    {
        var answer = await ControlClient.AskAsync(box.BoxControlSocket, ControlProtocol.Flows, cancellation);
        return [.. JsonElement.Parse(answer).EnumerateArray().Select(flow => new BoxFlow(flow))];
    }

    /// <summary>What a box says of itself, or why it says nothing, for the report of a test that has failed.</summary>
    public static async Task<string> StatusReportAsync(this LabHost box, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            return await ControlClient.AskAsync(box.BoxControlSocket, ControlProtocol.Status, deadline.Token);
        }
        catch (Exception failure)
        {
            return failure.Message;
        }
    }

    /// <summary>A counter of the host's kernel, as nstat(8) names it, such as <c>MPTcpExtMPJoinAckRx</c>.</summary>
    public static long Counter(this LabHost host, string name)
    {
        // Of IPv6: a name and a value in each line.
        var single = Array.Find(host.ReadNetFile("snmp6"), line => line.Split([' ', '\t'])[0] == name);
        if (single is not null)
            return long.Parse(single[name.Length..].Trim(), CultureInfo.InvariantCulture);

        // Of all else: a line of names, and below it one of values; nstat puts the group in front of the name.
        string[] lines = [.. host.ReadNetFile("netstat"), .. host.ReadNetFile("snmp")];
        for (var line = 0; line + 1 < lines.Length; line += 2)
        {
            var names = lines[line].Split(' ');
            var index = Array.FindIndex(names, column => names[0].TrimEnd(':') + column == name);
            if (index > 0)
                return long.Parse(lines[line + 1].Split(' ')[index], CultureInfo.InvariantCulture);
        }
        throw new ArgumentException($"The kernel has no counter {name}.", nameof(name));
    }

    /// <summary>Each counter of TCP and MPTCP that is not zero, for the report of a test that has failed.</summary>
    public static string CountersReport(this LabHost host)
    {
        string[] lines = [.. host.ReadNetFile("netstat"), .. host.ReadNetFile("snmp")];
        var counters =
            from pair in lines.Chunk(2)
            let names = pair[0].Split(' ')
            where names[0] is "Tcp:" or "TcpExt:" or "MPTcpExt:"
            from counter in names.Zip(pair[1].Split(' ')).Skip(1)
            where counter.Second != "0"
            select $"{names[0].TrimEnd(':')}{counter.First} {counter.Second}";
        return string.Join(", ", counters);
    }

    /// <summary>Bytes that a device of the host has received.</summary>
    public static long ReceivedBytes(this LabHost host, string device) => DeviceCounter(host, device, 0);

    /// <summary>Bytes that a device of the host has sent.</summary>
    public static long SentBytes(this LabHost host, string device) => DeviceCounter(host, device, 8);

    private static string[] ReadNetFile(this LabHost host, string name) =>
        host.InNamespace(() => File.ReadAllLines($"/proc/thread-self/net/{name}"));

    private static long DeviceCounter(LabHost host, string device, int column)
    {
        var line = host.ReadNetFile("dev").Single(line => line.TrimStart().StartsWith($"{device}:", StringComparison.Ordinal));
        var values = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(values[column], CultureInfo.InvariantCulture);
    }
}
