namespace Middlebox.Appliance.Host;

/// <summary>Kernel parameters of this network namespace, by their names with dots.</summary>
public static class Sysctl
{
    public const string MptcpEnabled = "net.mptcp.enabled";
    public const string AllowJoinInitialAddress = "net.mptcp.allow_join_initial_addr_port";
    public const string TcpEarlyDemux = "net.ipv4.tcp_early_demux";
    public const string MptcpCloseTimeout = "net.mptcp.close_timeout";
    public const string MptcpBlackholeTimeout = "net.mptcp.blackhole_timeout";
    public const string TcpLongestTimeout = "net.ipv4.tcp_rto_max_ms";
    public const string MptcpStaleLosses = "net.mptcp.stale_loss_cnt";
    public const string TcpFastOpen = "net.ipv4.tcp_fastopen";
    public const string TcpSack = "net.ipv4.tcp_sack";
    public const string TcpTimestamps = "net.ipv4.tcp_timestamps";
    public const string TcpRetries = "net.ipv4.tcp_retries2";
    public const string ConntrackIgnoresInvalidResets = "net.netfilter.nf_conntrack_tcp_ignore_invalid_rst";
    public const string ConntrackEstablished = "net.netfilter.nf_conntrack_tcp_timeout_established";
    public const string ConntrackUnacknowledged = "net.netfilter.nf_conntrack_tcp_timeout_unacknowledged";
    public const string ConntrackRepeated = "net.netfilter.nf_conntrack_tcp_timeout_max_retrans";
    public const string Ipv4Forward = "net.ipv4.ip_forward";
    public const string Ipv6Forward = "net.ipv6.conf.all.forwarding";

    /// <summary>The value, or null if the kernel has no such parameter.</summary>
    public static string? Read(string key)
    {
        try
        {
            return File.ReadAllText(PathOf(key)).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static bool TryWrite(string key, string value, out string? problem)
    {
        try
        {
            File.WriteAllText(PathOf(key), value);
            problem = null;
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = $"sysctl {key}={value}: {failure.Message}";
            return false;
        }
    }

    private static string PathOf(string key) => "/proc/sys/" + key.Replace('.', '/');
}
