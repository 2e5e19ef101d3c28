using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Hostile;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>
/// Servers that refuse, cannot be reached or stay silent look to the client as without the box, packet for packet, whether the box knows
/// nothing of them or takes them for capable.
/// </summary>
public sealed class FailureTests : LegacyClientFixture
{
    private const byte Icmp = 1;
    private const byte IcmpUnreachable = 3;
    private const byte Icmpv6 = 58;
    private const byte Icmpv6Unreachable = 1;
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string> { ["Middlebox:Negotiation:ServerTimeout"] = "00:00:02" },
    };

    // SYNs after 0 and 1 s; the end after 3.
    protected override Topology Adapt(Topology shipped) => shipped
        .With("client", "net.ipv4.tcp_syn_retries", "1")
        .With("client", "net.ipv4.tcp_syn_linear_timeouts", "0");

    [TestCase(AddressFamily.InterNetwork, null)]
    [TestCase(AddressFamily.InterNetworkV6, null)]
    [TestCase(AddressFamily.InterNetwork, "icmp-host-unreachable")]
    [TestCase(AddressFamily.InterNetworkV6, "icmp6-addr-unreachable")]
    [TestCase(AddressFamily.InterNetwork, "icmp-admin-prohibited")]
    [TestCase(AddressFamily.InterNetworkV6, "icmp6-adm-prohibited")]
    public async Task Refusal_reaches_the_client_as_the_server_has_sent_it(AddressFamily family, string? icmp)
    {
        var other = await UpWithoutBoxesAsync();
        foreach (var port in new[] { NewPort(), await KnownPortAsync(family) })
        {
            foreach (var lab in icmp is null ? [] : new[] { Lab, other })
                await FilterAsync(lab, family, port, ["REJECT", "--reject-with", icmp!]);

            var (with, without) = (await AnswerAsync(Lab, family, port), await AnswerAsync(other, family, port));

            TestContext.Out.WriteLine(without);
            Assert.That(with, Is.EqualTo(without));
            await IdleAsync();
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Silence_ends_as_without_the_box(AddressFamily family)
    {
        var other = await UpWithoutBoxesAsync();
        foreach (var port in new[] { NewPort(), await KnownPortAsync(family) })
        {
            foreach (var lab in new[] { Lab, other })
                await FilterAsync(lab, family, port, ["DROP"]);

            var outcomes = await Task.WhenAll(new[] { Lab, other }.Select(async lab =>
            {
                using var socket = lab["client"].CreateTcpSocket(family, mptcp: false);
                var watch = Stopwatch.StartNew();
                return (Error: await FailAsync(lab, family, port, socket), After: watch.Elapsed);
            }));

            Assert.That(outcomes.Select(outcome => outcome.Error), Has.All.EqualTo(SocketError.TimedOut));
            Assert.That(outcomes[0].After, Is.EqualTo(outcomes[1].After).Within(Tolerance));
            await IdleAsync();
        }
    }

    /// <summary>Connects in vain, and tells the error and the packet that was the cause of it, as far as it does not differ by chance.</summary>
    private async Task<string> AnswerAsync(Laboratory lab, AddressFamily family, int port)
    {
        using var capture = new PacketCapture(lab["client"]);
        using var socket = lab["client"].CreateTcpSocket(family, mptcp: false);
        var error = await FailAsync(lab, family, port, socket);
        TcpPacket.Read(await capture.ReceiveAsync(IsSyn, Deadline), out var syn);
        var isn = syn.Sequence;
        var answer = await capture.ReceiveAsync(packet => IsReset(packet) || IsIcmpError(packet), Deadline);
        return $"{error}: {Describe(answer, isn)}";

        bool IsSyn(byte[] packet) =>
            TcpPacket.Read(packet, out var segment) == PacketDefect.None && segment.FlowFromClient.Server.Port.Value == port;

        bool IsReset(byte[] packet) => TcpPacket.Read(packet, out var segment) == PacketDefect.None
            && segment.FlowFromClient.Client.Port.Value == port && (segment.Flags & TcpFlags.Rst) != 0;
    }

    private async Task<SocketError> FailAsync(Laboratory lab, AddressFamily family, int port, Socket socket)
    {
        var failure = await Assert.ThrowsAsync<SocketException>(
            async () => await socket.ConnectAsync(lab.EndpointOf("capable", family, port), Deadline));
        return failure!.SocketErrorCode;
    }

    private static async Task FilterAsync(Laboratory lab, AddressFamily family, int port, string[] target) =>
        (await lab["capable"].RunAsync(
            family == AddressFamily.InterNetwork ? "iptables" : "ip6tables",
            ["-w", "-A", "INPUT", "-p", "tcp", "--dport", $"{port}", "-j", .. target])).RequireSuccess();

    private static bool IsIcmpError(byte[] packet) => IsIpv4(packet)
        ? packet[IpConstants.Ipv4ProtocolOffset] == Icmp && IcmpOf(packet)[0] == IcmpUnreachable
        : packet[IpConstants.Ipv6NextHeaderOffset] == Icmpv6 && IcmpOf(packet)[0] == Icmpv6Unreachable;

    private static string Describe(byte[] packet, uint isn)
    {
        var hops = packet[IsIpv4(packet) ? IpConstants.Ipv4TimeToLiveOffset : IpConstants.Ipv6HopLimitOffset];
        if (TcpPacket.Read(packet, out var segment) == PacketDefect.None)
            return $"{segment.Flags} sequence {segment.Sequence} acknowledging ISN+{segment.Acknowledgment - isn} window {segment.Window} hops {hops}";
        var source = new IPAddress(IsIpv4(packet) ? packet.AsSpan(IpConstants.Ipv4SourceOffset, 4) : packet.AsSpan(IpConstants.Ipv6SourceOffset, 16));
        return $"ICMP type {IcmpOf(packet)[0]} code {IcmpOf(packet)[1]} from {source} hops {hops}";
    }

    private static bool IsIpv4(byte[] packet) => packet[0] >> 4 == (int)IpProtocolVersion.V4;

    private static ReadOnlySpan<byte> IcmpOf(byte[] packet) => packet.AsSpan(IsIpv4(packet) ? (packet[0] & 0x0F) * sizeof(uint) : IpConstants.Ipv6HeaderLength);
}
