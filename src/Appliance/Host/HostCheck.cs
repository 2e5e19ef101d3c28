using System.Net;
using System.Net.NetworkInformation;
using Middlebox.Appliance.Host.Uplinks;
using Middlebox.Appliance.Options;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Host;

/// <summary>
/// The self-check: what the box needs of this host and network namespace. It changes nothing; rules are offered to the
/// kernel with --test.
/// </summary>
public static class HostCheck
{
    private static readonly string[] Tools = ["ip", "iptables-save", "iptables-restore", "ip6tables-save", "ip6tables-restore"];

    /// <summary>All findings, good ones too, in the order in which one would mend them.</summary>
    public static IReadOnlyList<Finding> Run(MiddleboxOptions options)
    {
        List<Finding> findings = [CheckMptcp(), CheckTun(), CheckTools()];
        if (findings.All(finding => finding.Severity == Severity.Good))
            findings.AddRange(HostSetup.Families.Select(family => CheckRules(options, family)));
        findings.Add(CheckSets());
        findings.AddRange([CheckForwarding(), CheckDescriptors(options)]);
        findings.AddRange(options.ProxyEngine.AnnouncedAddresses.Select(
            address => CheckOwnAddress(address, "Announced address", "ProxyEngine:AnnouncedAddresses")));
        findings.AddRange(options.Converter.Listen.Select(
            endpoint => CheckOwnAddress(HostEndpoint.Parse(endpoint).Address.ToString(), "Converter", "Converter:Listen")));
        findings.AddRange(options.Converter.SourceAddresses.Select(
            address => CheckOwnAddress(address, "Converter", "Converter:SourceAddresses")));
        findings.AddRange(options.Addressed.Listen.Select(
            endpoint => CheckOwnAddress(HostEndpoint.Parse(endpoint).Address.ToString(), "Addressed proxy", "Addressed:Listen")));
        findings.AddRange(UplinkCheck.Run(options.ProxyEngine.Uplinks));
        if (CheckOwnServices(options) is { } services)
            findings.Add(services);
        if (CheckNftables(options) is { } firewall)
            findings.Add(firewall);
        return findings;
    }

    /// <summary>Whether an interface of this host has the address.</summary>
    public static bool IsOwnAddress(string text)
    {
        var address = IPAddress.Parse(text);
        return NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(device => device.GetIPProperties().UnicastAddresses)
            .Any(unicast => unicast.Address.Equals(address));
    }

    private static Finding CheckMptcp() => Sysctl.Read(Sysctl.MptcpEnabled) is null
        ? new Finding(Severity.Missing, "MPTCP", "the kernel has none", "Use a kernel with CONFIG_MPTCP, 6.1 or later")
        : new Finding(Severity.Good, "MPTCP", "in the kernel");

    private static Finding CheckTun() => File.Exists("/dev/net/tun")
        ? new Finding(Severity.Good, "TUN", "/dev/net/tun")
        : new Finding(Severity.Missing, "TUN", "there is no /dev/net/tun", "Load the module: modprobe tun");

    private static Finding CheckTools()
    {
        var lacking = Tools.Where(tool => Tool.Run([tool, "-V"]).ExitCode < 0).ToList();
        return lacking.Count == 0
            ? new Finding(Severity.Good, "Tools", "ip and iptables")
            : new Finding(
                Severity.Missing, "Tools", $"not found: {string.Join(", ", lacking)}", "On Debian: apt-get install iproute2 iptables");
    }

    private static Finding CheckRules(MiddleboxOptions options, RuleFamily family)
    {
        var marks = PacketMarks.Parse(options.Interceptor.MarkMask);
        var rules = new FirewallRules(options.Interceptor, marks, conntrack: false, hasSets: false, HostSetup.TranslationOf(options, marks), options.Terminates);
        var test = Tool.Run(
            [.. Firewall.RestoreCommand(family), "--test"], rules.Installation(family, HostSetup.ListenAddressOf(family)));
        return test.Succeeded
            ? new Finding(Severity.Good, $"Rules ({family})", "the kernel takes them")
            : new Finding(
                Severity.Missing,
                $"Rules ({family})",
                $"the kernel refuses them: {test.Error.ReplaceLineEndings(" ")}",
                "Run as root, with a kernel that has the iptables targets NFQUEUE, TPROXY, CT, MARK and REJECT and the matches socket, mark, tcp, u32 and addrtype;"
                    + " for Addressed and HostProxy also the table nat and the matches connmark, multiport, owner and cgroup");
    }

    private static Finding CheckSets()
    {
        var list = Tool.Run(["ipset", "list", "-n"]);
        return list.Succeeded
            ? new Finding(Severity.Good, "Sets", "only handshakes that ask for MPTCP are queued, as long as the daemon goes round")
            : new Finding(
                Severity.Warning,
                "Sets",
                $"not to be had ({list.Error.ReplaceLineEndings(" ")}): the SYN/ACKs of all connections are queued, and a daemon that stands still holds them back",
                "On Debian: apt-get install ipset; the kernel needs CONFIG_IP_SET_HASH_IPPORTIP, CONFIG_IP_SET_HASH_NET and CONFIG_NETFILTER_XT_SET");
    }

    private static Finding CheckForwarding()
    {
        var ipv4 = Sysctl.Read(Sysctl.Ipv4Forward) == "1";
        var ipv6 = Sysctl.Read(Sysctl.Ipv6Forward) is null or "1";
        if (ipv4 && ipv6)
            return new Finding(Severity.Good, "Forwarding", "IPv4 and IPv6");
        var off = (ipv4, ipv6) switch { (false, false) => "IPv4 and IPv6", (false, _) => "IPv4", _ => "IPv6" };
        return new Finding(
            Severity.Warning,
            "Forwarding",
            $"off for {off}: nothing crosses this box",
            $"If it is to be inline: sysctl -w {(ipv4 ? Sysctl.Ipv6Forward : Sysctl.Ipv4Forward)}=1");
    }

    private static Finding CheckDescriptors(MiddleboxOptions options)
    {
        var needed = DescriptorBudget.Needed(options);
        var limit = ProcessLimits.OpenFiles();
        if (limit >= needed)
            return new Finding(Severity.Good, "Open files", $"{limit} allowed, {needed} needed at most");
        try
        {
            return new Finding(
                Severity.Warning,
                "Open files",
                $"{limit} allowed, {needed} needed for {options.ProxyEngine.MaxFlows} flows and {DescriptorBudget.MaxHalfOpen(options)} half-open ones:"
                    + $" they suffice for {DescriptorBudget.MaxFlows(limit, options)} flows, more than that pass unproxied",
                $"Raise the limit (ulimit -n), or lower {MiddleboxOptions.Section}:ProxyEngine:MaxFlows, ProxyEngine:MaxListeners or Negotiation:MaxHalfOpen");
        }
        catch (HostSetupException failure)
        {
            return new Finding(
                Severity.Missing,
                "Open files",
                failure.Message,
                $"Raise the limit (ulimit -n), or lower {MiddleboxOptions.Section}:ProxyEngine:MaxListeners or Negotiation:MaxHalfOpen");
        }
    }

    private static Finding CheckOwnAddress(string text, string subject, string key)
    {
        return IsOwnAddress(text)
            ? new Finding(Severity.Good, subject, text)
            : new Finding(
                Severity.Missing,
                subject,
                $"{text} is on none of this host's interfaces",
                $"Assign it, or take it out of {MiddleboxOptions.Section}:{key}");
    }

    /// <summary>Services on a wildcard address keep the box from listening on their port.</summary>
    private static Finding? CheckOwnServices(MiddleboxOptions options)
    {
        var ports = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
            .Where(listener => listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any))
            .Select(listener => listener.Port)
            .Except(options.ProxyEngine.ReservedPorts)
            .Distinct()
            .Order()
            .ToList();
        return ports.Count == 0
            ? null
            : new Finding(
                Severity.Warning,
                "Own services",
                $"something listens on the wildcard address of port {string.Join(", ", ports)}; connections through the box to servers' port"
                    + " of that number pass unproxied",
                "Bind these services to an address of this host, such as the one that its users know; if the box is to keep out of that port, say so:"
                    + $" {MiddleboxOptions.Section}:ProxyEngine:ReservedPorts");
    }

    /// <summary>Chains written in nftables directly, which must let the box's packets in themselves.</summary>
    private static Finding? CheckNftables(MiddleboxOptions options)
    {
        var chains = NftRuleset.DroppingChains(Tool.Run(["nft", "list", "ruleset"]).Output);
        var marks = PacketMarks.Parse(options.Interceptor.MarkMask);
        return chains.Count == 0
            ? null
            : new Finding(
                Severity.Warning,
                "Firewall",
                $"nftables drops by default in {string.Join(", ", chains)}",
                $"There, accept the box's packets: on input meta mark & 0x{marks.Mask:x} == 0x{marks.Divert:x} accept, on output the same with"
                    + $" 0x{marks.ClientLeg:x} and with 0x{marks.ServerLeg:x}");
    }
}
