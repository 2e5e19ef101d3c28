namespace Middlebox.ProxyEngine.Paths;

/// <summary>Chooses the congestion control of the clients' connections.</summary>
public static class CongestionControl
{
    private const string SystemDefault = "/proc/sys/net/ipv4/tcp_congestion_control";
    private const string SystemAvailable = "/proc/sys/net/ipv4/tcp_available_congestion_control";

    /// <summary>The configured one, or what <see cref="Choose"/> makes of the system's.</summary>
    /// <returns>Null to leave it to the system.</returns>
    public static string? ForClients(ProxyEngineOptions options) => options.CongestionControl.Length > 0
        ? options.CongestionControl
        : Choose(File.ReadAllText(SystemDefault).Trim(), File.ReadAllText(SystemAvailable).Split());

    /// <summary>bbr makes the kernel's MPTCP ten times slower (multipath-tcp/mptcp_net-next issue 437).</summary>
    /// <param name="systemDefault">What the system uses.</param>
    /// <param name="available">What the kernel has.</param>
    /// <returns>Null for the system's own.</returns>
    public static string? Choose(string systemDefault, IReadOnlyCollection<string> available)
    {
        if (systemDefault != "bbr")
            return null;
        return available.Contains("cubic") ? "cubic" : "reno";
    }
}
