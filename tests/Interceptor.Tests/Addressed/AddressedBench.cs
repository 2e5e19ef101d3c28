using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>A proxy of hosts that name their servers, with all that it has about it in memory. It serves clients in 198.18.0.0/15.</summary>
internal sealed class AddressedBench
{
    public const string Client = "198.18.1.2:40000";
    public const string Proxy = "198.18.3.2:5125";

    public AddressedBench(int maxPromotions, NegotiationOptions options, int maxPromotionsPerSource = int.MaxValue)
    {
        History = new DecisionHistory(64, Time);
        Tokens = new ServedTokens(Time);
        var clients = new ConverterPolicy([AddressPrefix.Parse("198.18.0.0/15")], [AddressPrefix.Any], PortSet.Any, hairpinning: true);
        Policy = new AddressedPolicy(clients, address => address == Addressed.Server.Address);
        Handshakes = new AddressedHandshakes(Taker, Tracking, Kernel, Server, Marks, options, Counters, History, Time);
        Relay = new AddressedRelay(
            [Addressed.Server],
            Policy,
            new PromotionTable(maxPromotions, maxPromotionsPerSource, TimeSpan.FromMinutes(1), Time),
            Handshakes,
            new AddressedJoins(Tokens, Kernel, new DeferredPackets(Time), History),
            Tracking,
            Network,
            new CarriedConnections(FastPath, Tracking, Counters, Time),
            Marks,
            Counters,
            History,
            Time);
    }

    public static PacketMarks Marks { get; } = PacketMarks.Parse("0x0f000000");

    /// <summary>The client, and where it sends its SYNs.</summary>
    public static FlowKey Addressed { get; } = new(HostEndpoint.Parse(Client), HostEndpoint.Parse(Proxy));

    public ManualTimeProvider Time { get; } = new();

    public RecordingTracking Tracking { get; } = new();

    public RecordingTaker Taker { get; } = new();

    public RecordingSink Network { get; } = new();

    public RecordingFastPath FastPath { get; } = new();

    public RecordingSink Kernel { get; } = new();

    public RecordingSink Server { get; } = new();

    public AddressedCounters Counters { get; } = new();

    public DecisionHistory History { get; }

    public ServedTokens Tokens { get; }

    public AddressedPolicy Policy { get; }

    public AddressedHandshakes Handshakes { get; }

    public AddressedRelay Relay { get; }

    /// <summary>The SYN of a Linux client, which names no server.</summary>
    public static PacketBuilder Plain(string client = Client) => PacketBuilder.LinuxMptcpSyn(client, Proxy);

    /// <summary>A SYN that names a server.</summary>
    public static byte[] Named(PacketBuilder syn, DestinationOption destination)
    {
        var packet = syn.Build();
        byte[] buffer = [.. packet, .. new byte[AddressedSyn.MaximumGrowth]];
        var length = packet.Length;
        Assert.That(AddressedSyn.TryName(buffer, ref length, destination), Is.True);
        return buffer[..length];
    }

    public byte[] Handle(byte[] packet) => FilterRun.Of(Relay.Handle, packet);

    /// <summary>What is remembered; no verdict of what no segment has brought about.</summary>
    public IEnumerable<(FlowKey Flow, HostEndpoint Proxy, Reason Reason, Verdict? Verdict)> Decisions() => History.Find(_ => true)
        .Select(decision => (decision.Flow, decision.Proxy, decision.Reason, decision.HasSegment ? decision.Verdict : (Verdict?)null));
}
