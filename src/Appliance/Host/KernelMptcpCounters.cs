using System.Globalization;

namespace Middlebox.Appliance.Host;

/// <summary>What this network namespace's kernel counts of MPTCP: the group MPTcpExt of /proc/net/netstat, as nstat(8) shows it.</summary>
internal static class KernelMptcpCounters
{
    private const string File = "/proc/net/netstat";
    private const string Group = "MPTcpExt:";

    /// <summary>Those from which can be seen why a connection has no MPTCP, or no second subflow.</summary>
    public static IReadOnlyList<string> Telling { get; } =
    [
        "MPCapableSYNRX", "MPCapableACKRX", "MPCapableFallbackACK", "MPFallbackTokenInit", "DSSNotMatching", "DSSCorruptionFallback",
        "MPCapableDataFallback", "DssFallback", "InfiniteMapRx", "MPJoinSynRx", "MPJoinAckRx", "MPJoinNoTokenFound", "MPJoinRejected",
        "MPJoinAckHMacFailure", "MPJoinPortSynRx", "MPJoinPortAckRx", "MismatchPortSynRx", "AddAddrTx", "AddAddrTxDrop", "EchoAdd",
        "RmAddrTx", "RmSubflow", "SubflowStale", "SubflowRecover", "MPTCPRetrans", "MPRstRx", "MPRstTx", "MPFastcloseRx",
    ];

    /// <summary>Every counter by name; empty if this kernel has none.</summary>
    public static IReadOnlyDictionary<string, long> Read()
    {
        try
        {
            return Parse(System.IO.File.ReadAllLines(File));
        }
        catch (IOException)
        {
            return new Dictionary<string, long>();
        }
    }

    /// <summary>Reads a line of names and the line of values below it.</summary>
    public static IReadOnlyDictionary<string, long> Parse(IReadOnlyList<string> lines)
    {
        var counters = new Dictionary<string, long>();
        var rows = lines.Where(line => line.StartsWith(Group, StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        if (rows is not [var names, var values])
            return counters;
        for (var i = 1; i < Math.Min(names.Length, values.Length); i++)
        {
            if (long.TryParse(values[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
                counters[names[i]] = value;
        }

        return counters;
    }
}
