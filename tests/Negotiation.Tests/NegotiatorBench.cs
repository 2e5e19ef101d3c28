using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests;

/// <summary>A negotiator with its clock and all that it decides by, and the packets of one client and one server.</summary>
internal sealed class NegotiatorBench
{
    public const uint Isn = 0x11223344;
    public const uint ServerIsn = 0x55667788;

    /// <summary>How MP_CAPABLE is taken out of a SYN, with a claim that would mean nothing without it.</summary>
    public const SegmentEdits WithoutMpCapable = SegmentEdits.BlankMpCapable | SegmentEdits.RemoveClaim;

    private readonly string _client;
    private readonly string _server;

    public NegotiatorBench(
        string client,
        string server,
        NegotiationOptions? options = null,
        int maxContexts = 16,
        PolicyTable? policy = null,
        ExplicitSettings? settings = null)
    {
        _client = client;
        _server = server;
        Tokens = new ServedTokens(Time);
        Relayed = new RelayedFlows(Time);
        Options = options ?? new NegotiationOptions();
        Dropping = new DroppingServers(Options.MaxDroppingServers, Options.DroppingServerLifetime, Time);
        Servers = new ServerCapabilities(Options, Time);
        policy ??= new PolicyTable([], PolicyAction.Serve);
        Negotiator = new Negotiator(new NegotiationState(Options, policy, settings, Dropping, Servers, Tokens, Relayed), maxContexts, Options.MaxHalfOpen, Time);
    }

    public ManualTimeProvider Time { get; } = new();

    public NegotiationOptions Options { get; }

    public ServedTokens Tokens { get; }

    public RelayedFlows Relayed { get; }

    public DroppingServers Dropping { get; }

    public ServerCapabilities Servers { get; }

    public Negotiator Negotiator { get; }

    public HostEndpoint Server => HostEndpoint.Parse(_server);

    public FlowKey Flow => new(HostEndpoint.Parse(_client), Server);

    public PacketBuilder MptcpSyn(uint isn = Isn) => PacketBuilder.LinuxMptcpSyn(_client, _server).Isn(isn);

    public PacketBuilder PlainSyn(uint isn = Isn) =>
        PacketBuilder.Syn(_client, _server).Isn(isn).Mss(1460).SackPermitted().Timestamps(1, 0).Nop().WindowScale(7);

    public PacketBuilder SynAck(uint clientIsn = Isn) =>
        PacketBuilder.SynAck(_server, _client).Isn(ServerIsn).Acknowledging(unchecked(clientIsn + 1));

    public PacketBuilder CapableSynAck(uint clientIsn = Isn) => SynAck(clientIsn).Mss(1460).MpCapable(0x0102030405060708UL);

    public PacketBuilder Refusal(uint clientIsn = Isn) =>
        PacketBuilder.Segment(_server, _client, TcpFlags.Rst | TcpFlags.Ack).Acknowledging(unchecked(clientIsn + 1));

    public Decision Decide(PacketBuilder packet) => Decide(packet.Build());

    public Decision Decide(ReadOnlySpan<byte> packet)
    {
        Assert.That(TcpPacket.Read(packet, out var segment), Is.EqualTo(PacketDefect.None));
        return Negotiator.Decide(in segment);
    }

    /// <summary>Of what the box's own kernel sends.</summary>
    public Decision DecideOwn(PacketBuilder packet)
    {
        Assert.That(TcpPacket.Read(packet.Build(), out var segment), Is.EqualTo(PacketDefect.None));
        return Negotiator.DecideOwn(in segment);
    }

    /// <summary>A SYN and the SYN/ACK of a legacy server to it.</summary>
    public Handshake Act(uint isn = Isn)
    {
        Decide(MptcpSyn(isn));
        return Decide(SynAck(isn)).Handshake!;
    }

    public List<Handshake> Sweep()
    {
        List<Handshake> abandoned = [];
        Negotiator.Sweep(abandoned);
        return abandoned;
    }

    public List<Handshake> Stop()
    {
        List<Handshake> abandoned = [];
        Negotiator.Stop(abandoned);
        return abandoned;
    }

    public Dictionary<Reason, long> Released
    {
        get
        {
            var sum = new Dictionary<Reason, long>();
            Negotiator.Released.AddTo(sum);
            return sum;
        }
    }

    public Dictionary<Reason, long> Bypassed
    {
        get
        {
            var sum = new Dictionary<Reason, long>();
            Negotiator.Bypassed.AddTo(sum);
            return sum;
        }
    }

    /// <summary>Nothing is kept, and exactly these contexts have ended.</summary>
    public void AssertEnded(params Reason[] reasons)
    {
        Assert.That(Negotiator.ContextCount, Is.Zero);
        AssertReleased(reasons);
    }

    public void AssertReleased(params Reason[] reasons)
    {
        Assert.That(Released, Is.EquivalentTo(reasons.CountBy(reason => reason).ToDictionary(pair => pair.Key, pair => (long)pair.Value)));
        Assert.That(Negotiator.ContextsCreated, Is.EqualTo(Negotiator.ContextCount + reasons.Length));
    }
}
