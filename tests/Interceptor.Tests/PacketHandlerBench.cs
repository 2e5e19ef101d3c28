using Middlebox.Interceptor.Dialling;
using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests;

/// <summary>A packet handler between recording sinks, with a real negotiator behind it.</summary>
internal sealed class PacketHandlerBench
{
    private readonly string _client;
    private readonly string _server;

    public PacketHandlerBench(string client, string server, ExplicitSettings? settings = null, PolicyTable? policy = null)
    {
        _client = client;
        _server = server;
        var options = new NegotiationOptions { RepeatsWithMpCapable = 0 };
        Dropping = new DroppingServers(16, TimeSpan.FromHours(1), Time);
        Relayed = new RelayedFlows(Time);
        Servers = new ServerCapabilities(options, Time);
        policy ??= new PolicyTable([], PolicyAction.Serve);
        Negotiator = new Negotiator(new NegotiationState(options, policy, settings, Dropping, Servers, Tokens, Relayed), 16, 16, Time);
        Handler = new PacketHandler(
            Negotiator, Taker, new PacketSinks(Kernel, Network, ServerLeg), new DeferredPackets(Time), Dials);
        ClientTimeout = options.ClientTimeout;
    }

    public ManualTimeProvider Time { get; } = new();

    public TimeSpan ClientTimeout { get; }

    public RelayedFlows Relayed { get; }

    public ServedTokens Tokens { get; } = new(TimeProvider.System);

    public DroppingServers Dropping { get; }

    public ServerCapabilities Servers { get; }

    public DialResults Dials { get; } = new();

    public Negotiator Negotiator { get; }

    public RecordingTaker Taker { get; } = new();

    public RecordingSink Kernel { get; } = new();

    public RecordingSink Network { get; } = new();

    public RecordingSink ServerLeg { get; } = new();

    public PacketHandler Handler { get; }

    public PacketBuilder MptcpSyn() => PacketBuilder.LinuxMptcpSyn(_client, _server).Isn(100);

    public PacketBuilder SynAck() => PacketBuilder.SynAck(_server, _client).Isn(500).Acknowledging(101).Mss(1460);

    public PacketBuilder Join(uint token) => PacketBuilder.Syn(_client, _server).Mss(1460).MpJoin(token);

    /// <summary>Handles a packet; <paramref name="result"/> is what goes on, if it goes on.</summary>
    public PacketOutcome Handle(byte[] packet, out byte[] result, PacketHook hook = PacketHook.Forward)
    {
        var before = packet.ToArray();
        var outcome = Handler.Handle(packet, hook);
        Assert.That(packet, Is.EqualTo(before), "the packet handed in has changed");
        result = outcome == PacketOutcome.AcceptChanged ? Handler.Changed.ToArray() : before;
        return outcome;
    }

    public PacketOutcome Handle(PacketBuilder packet, out byte[] result, PacketHook hook = PacketHook.Forward) =>
        Handle(packet.Build(), out result, hook);

    public PacketOutcome Handle(byte[] packet) => Handle(packet, out _);

    public PacketOutcome Handle(PacketBuilder packet) => Handle(packet.Build(), out _);

    public void AssertNothingSent() =>
        Assert.That(Kernel.Packets.Count + Network.Packets.Count + ServerLeg.Packets.Count, Is.Zero);

    public static void AssertSound(byte[] packet)
    {
        Assert.That(TcpPacket.Read(packet, out var segment), Is.EqualTo(PacketDefect.None));
        Assert.That(segment.Bytes.Length, Is.EqualTo(packet.Length));
        Assert.That(InternetChecksum.TcpChecksumIsValid(packet, segment.TcpOffset), Is.True, "TCP checksum");
        if (segment.Version == IpProtocolVersion.V4)
            Assert.That(InternetChecksum.Compute(packet.AsSpan(0, segment.TcpOffset)), Is.Zero, "IP checksum");
    }
}
