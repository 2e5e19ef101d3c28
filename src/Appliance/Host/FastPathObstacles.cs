using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>What segments of relayed connections must not be led past, as the host is when the box starts.</summary>
internal static class FastPathObstacles
{
    /// <summary>The first obstacle, as a clause; null if there is none, or no telling.</summary>
    public static string? Find(PacketMarks marks) => HostSetup.Families
        .Select(family => InRules(OutputOf("ip", family == RuleFamily.IPv4 ? "-4" : "-6", "rule", "show"), marks))
        .Append(InPolicies(OutputOf("ip", "xfrm", "policy", "show")))
        .FirstOrDefault(obstacle => obstacle is not null);

    /// <summary>Rules of the firewall set marks, so what goes past it does not have them, and would be routed otherwise by who goes by them.</summary>
    /// <param name="rules">As ip-rule(8) shows them.</param>
    /// <param name="marks">The box's own.</param>
    public static string? InRules(string rules, PacketMarks marks) => rules.Split('\n', StringSplitOptions.TrimEntries)
        .Where(rule => rule.Contains(" fwmark ", StringComparison.Ordinal) && !rule.Contains($" fwmark {marks.Format(marks.Divert)} ", StringComparison.Ordinal))
        .Select(rule => $"a routing rule goes by marks, which rules set: {rule}")
        .FirstOrDefault();

    /// <summary>What goes past the kernel's forwarding is neither encrypted nor asked whether it was. Policies of sockets alone are none of a relay's.</summary>
    /// <param name="policies">As ip-xfrm(8) shows them.</param>
    public static string? InPolicies(string policies) => policies.Split('\n', StringSplitOptions.TrimEntries)
        .Where(line => line.StartsWith("dir ", StringComparison.Ordinal))
        .Select(line => $"there are IPsec policies: {line}")
        .FirstOrDefault();

    private static string OutputOf(params string[] command)
    {
        var result = Tool.Run(command);
        return result.Succeeded ? result.Output : "";
    }
}
