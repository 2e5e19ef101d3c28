using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>
/// Routing rules that go by marks of packets. Rules of the firewall set those, so what goes past the firewall does not have them, and would be routed otherwise.
/// </summary>
internal static class MarkedRoutes
{
    /// <summary>The first such rule that is not the box's own; null if there is none, or no telling.</summary>
    public static string? Find(PacketMarks marks) => HostSetup.Families
        .Select(family => Tool.Run(["ip", family == RuleFamily.IPv4 ? "-4" : "-6", "rule", "show"]))
        .Where(result => result.Succeeded)
        .Select(result => Find(result.Output, marks))
        .FirstOrDefault(rule => rule is not null);

    /// <summary>The same, among the rules as ip-rule(8) shows them.</summary>
    public static string? Find(string rules, PacketMarks marks) => rules.Split('\n', StringSplitOptions.TrimEntries)
        .FirstOrDefault(rule => rule.Contains(" fwmark ", StringComparison.Ordinal) && !rule.Contains($" fwmark {marks.Format(marks.Divert)} ", StringComparison.Ordinal));
}
