using Middlebox.Interceptor.Filtering;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>Changes SYNs that a host sends, or SYN/ACKs that it receives, as a hostile or a P-aware host would.</summary>
public sealed class SegmentChange : IAsyncDisposable
{
    private const ushort Queue = 4310;
    private readonly LabHost _host;
    private readonly string[] _rule;
    private readonly PacketFilterQueue _queue;

    private SegmentChange(LabHost host, string[] rule, PacketFilter change)
    {
        _host = host;
        _rule = rule;
        _queue = host.InNamespace(() => new PacketFilterQueue(Queue, change));
    }

    /// <summary>Changes the SYNs that the host sends.</summary>
    public static Task<SegmentChange> OfSentSynsAsync(LabHost host, PacketFilter change) =>
        StartAsync(host, ["POSTROUTING", "-p", "tcp", "--tcp-flags", "SYN,ACK", "SYN"], change);

    /// <summary>Changes the SYN/ACKs that the host receives.</summary>
    public static Task<SegmentChange> OfReceivedSynAcksAsync(LabHost host, PacketFilter change) =>
        StartAsync(host, ["PREROUTING", "-p", "tcp", "--tcp-flags", "SYN,ACK", "SYN,ACK"], change);

    public async ValueTask DisposeAsync()
    {
        await ChangeRulesAsync("-D");
        _queue.Dispose();
    }

    private static async Task<SegmentChange> StartAsync(LabHost host, string[] match, PacketFilter change)
    {
        var started = new SegmentChange(host, [.. match, "-j", "NFQUEUE", "--queue-num", $"{Queue}"], change);
        await started.ChangeRulesAsync("-A");
        return started;
    }

    private async Task ChangeRulesAsync(string action)
    {
        foreach (var tool in new[] { "iptables", "ip6tables" })
            (await _host.RunAsync(tool, ["-w", "-t", "mangle", action, .. _rule])).RequireSuccess();
    }
}
