using Middlebox.Interceptor.Dialling;
using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Chains;

/// <summary>A box of a chain: the real packet handler, and a model of its kernel.</summary>
internal sealed class SimulatedProxy
{
    private static readonly Reason[] Unwillingness =
        [Reason.PolicyDefer, Reason.PolicyBypass, Reason.NotInShare, Reason.FlowLimit, Reason.RateLimit];

    private readonly DroppingServers _dropping;
    private readonly ServerCapabilities _servers;
    private readonly ServedTokens _tokens = new(TimeProvider.System);
    private readonly RecordingSink _kernel = new();
    private readonly RecordingTaker _taker = new();
    private readonly PacketHandler _handler;
    private readonly ulong _key;

    public SimulatedProxy(ProxyPlan plan, ManualTimeProvider time)
    {
        Plan = plan;
        _key = 0xA000_0000_0000_0000 | plan.Id;
        _dropping = new DroppingServers(16, TimeSpan.FromHours(1), time);
        _servers = new ServerCapabilities(new NegotiationOptions(), time);
        Admission = CreateAdmission(plan, time);
        Negotiator = new Negotiator(CreateState(plan, Admission), 4, 4, time);
        var nowhere = new RecordingSink();
        _handler = new PacketHandler(
            Negotiator, _taker, new PacketSinks(_kernel, nowhere, nowhere), new DeferredPackets(time), new DialResults());
    }

    public ProxyPlan Plan { get; }

    public Negotiator Negotiator { get; }

    public FlowAdmission Admission { get; }

    public bool HasActed => _taker.Taken.Count > 0;

    public IReadOnlyList<Handshake> Taken => _taker.Taken;

    /// <summary>Whether the last SYN that it saw had an MP_CAPABLE that it could act on.</summary>
    public bool SawAcceptable { get; private set; }

    public bool EverSawAcceptable { get; private set; }

    /// <summary>Whether it took MP_CAPABLE out of a SYN.</summary>
    public bool HasBlanked { get; private set; }

    public bool IsWilling => Unwillingness.All(reason => Negotiator.Bypassed[reason] == 0);

    /// <summary>Every packet that was delivered to the box's own kernel.</summary>
    public IReadOnlyList<byte[]> Injected => _kernel.Packets;

    /// <summary>Another configuration comes into force.</summary>
    public void Reload(ProxyPlan plan, ManualTimeProvider time) => Negotiator.State = CreateState(plan, CreateAdmission(plan, time));

    /// <summary>A SYN comes from the client's side; null if it does not go on.</summary>
    public byte[]? Syn(byte[] packet)
    {
        var flags = Segments.CapableFlags(packet, MptcpConstants.CapableSynLength);
        SawAcceptable = (flags & (Negotiator.State.Explicit is null ? 0x5F : 0x1F)) == 0x01;
        EverSawAcceptable |= SawAcceptable;
        var result = Handle(packet, PacketHook.Forward);
        HasBlanked |= result is not null && Segments.HasMpCapable(packet) && !Segments.HasMpCapable(result);
        return result;
    }

    /// <summary>A SYN/ACK comes from the server's side; null if it does not go on.</summary>
    public byte[]? SynAck(byte[] packet) => Handle(packet, PacketHook.Forward);

    /// <summary>The SYN/ACK that the box's kernel answers with, in the server's name, to what was injected first.</summary>
    public byte[] Answer()
    {
        var syn = _kernel.Packets[0];
        var answer = PacketBuilder.SynAckFor(syn).Isn(_taker.Taken[0].ServerIsn)
            .Mss(1460).SackPermitted().Timestamps(2, 1).Nop().WindowScale(7);
        if ((Segments.CapableFlags(syn, MptcpConstants.CapableSynLength) & 0x5F) == 0x01)
            answer.MpCapable(_key);
        return Handle(answer.Build(), PacketHook.LocalOut)!;
    }

    /// <summary>The client has completed its handshake with the box.</summary>
    public void Adopt()
    {
        foreach (var handshake in _taker.Taken)
            handshake.TrySettle(Reason.Adopted);
        _handler.Sweep();
    }

    private byte[]? Handle(byte[] packet, PacketHook hook)
    {
        switch (_handler.Handle(packet, hook))
        {
            case PacketOutcome.Accept:
                return packet;
            case PacketOutcome.AcceptChanged:
                var changed = _handler.Changed.ToArray();
                PacketHandlerBench.AssertSound(changed);
                return changed;
            default:
                return null;
        }
    }

    private NegotiationState CreateState(ProxyPlan plan, FlowAdmission admission)
    {
        var action = plan.Willingness switch
        {
            Willingness.Defer => PolicyAction.Defer,
            Willingness.Bypass => PolicyAction.Bypass,
            _ => PolicyAction.Serve,
        };
        var rule = new PolicyRule(
            AddressPrefix.Any,
            AddressPrefix.Any,
            PortSet.Any,
            action,
            plan.Willingness == Willingness.HalfShare ? 0.5 : 1,
            Preference: null,
            admission);
        return new NegotiationState(
            new NegotiationOptions { RepeatsWithMpCapable = plan.RepeatsWithMpCapable },
            new PolicyTable([rule], PolicyAction.Bypass),
            plan.Settings,
            _dropping,
            _servers,
            _tokens,
            new RelayedFlows(TimeProvider.System));
    }

    private static FlowAdmission CreateAdmission(ProxyPlan plan, ManualTimeProvider time)
    {
        var admission = new FlowAdmission(plan.Willingness == Willingness.Full ? 1 : 10, null, time);
        if (plan.Willingness == Willingness.Full)
            admission.TryAdmit(out _);
        return admission;
    }
}
