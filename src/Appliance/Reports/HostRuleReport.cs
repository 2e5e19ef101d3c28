namespace Middlebox.Appliance.Reports;

/// <summary>A rule about the host's own connections that matches a server and port.</summary>
/// <param name="Path">Its key.</param>
/// <param name="User">Whose connections; empty for any.</param>
/// <param name="Cgroup">Of which control group; empty for any.</param>
public sealed record HostRuleReport(string Path, string User, string Cgroup)
{
    /// <summary>The rule and its conditions.</summary>
    public string Describe() => Path
        + (User.Length == 0 ? "" : $" (user {User})")
        + (Cgroup.Length == 0 ? "" : $" (control group {Cgroup})");
}
