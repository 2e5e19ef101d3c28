using System.Globalization;
using Middlebox.Lab;

namespace Middlebox.Bench.Proof;

/// <summary>The kernel's count of MPTCP handshakes in a host (<c>MPTcpExt</c> in /proc/net/netstat, as nstat(8) shows it).</summary>
/// <param name="SynSent">SYNs with MP_CAPABLE sent as a client (MPCapableSYNTX).</param>
/// <param name="SynAckReceived">MP_CAPABLE answered by MP_CAPABLE (MPCapableSYNACKRX).</param>
/// <param name="AckReceived">Handshakes completed as a server with MP_CAPABLE (MPCapableACKRX).</param>
internal readonly record struct MptcpCounters(long SynSent, long SynAckReceived, long AckReceived)
{
    private const string Prefix = "MPTcpExt:";

    /// <summary>Reads a host's counters.</summary>
    /// <exception cref="LabException">The kernel has none.</exception>
    public static MptcpCounters Read(LabHost host)
    {
        var lines = host.InNamespace(() => File.ReadLines("/proc/thread-self/net/netstat")
            .Where(line => line.StartsWith(Prefix, StringComparison.Ordinal)).ToList());
        if (lines.Count != 2)
            throw new LabException("The kernel counts nothing of MPTCP in /proc/net/netstat: use one built with CONFIG_MPTCP.");
        var values = lines[0].Split(' ').Zip(lines[1].Split(' ')).Skip(1).ToDictionary(
            pair => pair.First, pair => long.Parse(pair.Second, CultureInfo.InvariantCulture));
        return new MptcpCounters(values["MPCapableSYNTX"], values["MPCapableSYNACKRX"], values["MPCapableACKRX"]);
    }

    public static MptcpCounters operator -(MptcpCounters later, MptcpCounters earlier) => new(
        later.SynSent - earlier.SynSent, later.SynAckReceived - earlier.SynAckReceived, later.AckReceived - earlier.AckReceived);
}
