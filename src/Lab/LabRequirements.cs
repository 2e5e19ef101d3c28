using Middlebox.Native.Namespaces;

namespace Middlebox.Lab;

/// <summary>What a machine needs so that labs can be built on it.</summary>
public static class LabRequirements
{
    private static readonly (string Program, string Package)[] Programs =
    [
        ("ip", "iproute2"), ("tc", "iproute2"), ("setsid", "util-linux"), ("iptables-restore", "iptables"),
        ("ip6tables-restore", "iptables"), ("nginx", "nginx"), ("mptcpize", "mptcpize"),
    ];

    /// <summary>What is missing on this machine, each with its remedy; empty when labs can be built.</summary>
    public static IReadOnlyList<string> Missing()
    {
        var missing = new List<string>();
        if (!ProcessControl.IsRoot)
            missing.Add("The user is not root: run the command with sudo.");
        if (!File.Exists("/proc/sys/net/mptcp/enabled"))
            missing.Add("The kernel has no MPTCP: use one built with CONFIG_MPTCP, 5.19 or later.");
        missing.AddRange(Programs.Where(needed => !IsInstalled(needed.Program))
            .Select(needed => $"{needed.Program} is not installed: apt-get install {needed.Package}."));
        return missing;
    }

    /// <summary>Whether a program can be found.</summary>
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/sbin"])
            .Any(directory => File.Exists(Path.Combine(directory, program)));
}
