using System.Globalization;
using Middlebox.Lab;

namespace Middlebox.Bench.Proof;

/// <summary>What a host's devices have counted (/proc/net/dev, proc(5)).</summary>
internal static class DeviceCounters
{
    private const int PacketsReceivedField = 1;

    /// <exception cref="LabException">There is no such device.</exception>
    public static long PacketsReceived(LabHost host, string device)
    {
        var line = host.InNamespace(() => File.ReadLines("/proc/thread-self/net/dev")
            .FirstOrDefault(line => line.TrimStart().StartsWith($"{device}:", StringComparison.Ordinal)))
            ?? throw new LabException($"{host.Name} has no device {device}.");
        var fields = line.Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(fields[PacketsReceivedField], CultureInfo.InvariantCulture);
    }
}
