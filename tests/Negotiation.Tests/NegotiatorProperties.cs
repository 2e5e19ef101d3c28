using FsCheck;
using FsCheck.Fluent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Tests.Wire;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests;

/// <summary>What holds after every step of any history, whatever peers and strangers send.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class NegotiatorProperties
{
    private const int Bound = 3;
    private const int MaxHalfOpen = 2;

    // Places that relayed connections may hold.
    private const int ExtraPlaces = 2;

    // Few flows and few numbers, so that histories meet the same context often.
    private static readonly string[][] Flows =
    [
        ["198.18.1.2:1", "198.18.9.2:80"],
        ["198.18.1.2:2", "198.18.9.2:80"],
        ["198.18.1.3:1", "198.18.9.2:80"],
        ["[2001:db8::1]:1", "[2001:db8::9]:80"],
        ["[2001:db8::1]:2", "[2001:db8::9]:80"],
    ];

    private static Gen<int[]> Histories { get; } =
        Gen.Choose(0, 150).SelectMany(length => Gen.Choose(0, int.MaxValue).ArrayOf(length));

    [Test]
    public void AnyHistory_InvariantsHold() => WireGen.Holds(Histories, static history =>
    {
        var run = new HistoryRun(settings: null);
        return history.All(run.Step) && run.End();
    });

    [Test]
    public void AnyHistory_Explicit_InvariantsHold() => WireGen.Holds(Histories, static history =>
    {
        var run = new HistoryRun(Operator.Settings());
        return history.All(run.Step) && run.End();
    });

    [Test]
    public void AnyBytesAsOptions_NeverThrowAndKeepTheBalance() => WireGen.Holds(
        from options in WireGen.Octet.ArrayOf(40)
        from flags in WireGen.Octet
        select (options, flags),
        static sample =>
        {
            var box = new NegotiatorBench(Flows[0][0], Flows[0][1]);
            box.Decide(box.MptcpSyn());
            var fromClient = PacketBuilder.Segment(Flows[0][0], Flows[0][1], (TcpFlags)sample.flags).Option(sample.options);
            var fromServer = PacketBuilder.Segment(Flows[0][1], Flows[0][0], (TcpFlags)sample.flags).Option(sample.options)
                .Acknowledging(NegotiatorBench.Isn + 1);
            box.Decide(fromServer);
            box.Decide(fromClient);
            box.Decide(fromServer);
            return box.Negotiator.ContextsCreated == box.Negotiator.ContextCount + box.Released.Values.Sum();
        });

    /// <summary>A negotiator, and what has come out of it.</summary>
    private sealed class HistoryRun
    {
        private static readonly PolicyRule EveryConnection =
            new(AddressPrefix.Any, AddressPrefix.Any, PortSet.Any, PolicyAction.Serve);

        // One place less than there are contexts, so that either limit is met.
        private readonly FlowAdmission _admission = new(Bound - 1 + ExtraPlaces, null, TimeProvider.System);
        private readonly NegotiatorBench _box;
        private readonly ExplicitSettings? _settings;
        private int _endedFlows;

        public HistoryRun(ExplicitSettings? settings)
        {
            _settings = settings;
            _box = new NegotiatorBench(
                Flows[0][0],
                Flows[0][1],
                new NegotiationOptions { ServerTimeout = TimeSpan.FromSeconds(3), MaxHalfOpen = MaxHalfOpen },
                Bound,
                new PolicyTable([EveryConnection with { Admission = _admission }], PolicyAction.Bypass),
                settings);
        }

        private readonly List<Handshake> _handshakes = [];
        private readonly List<Handshake> _adopted = [];
        private readonly List<Handshake> _abandoned = [];

        public bool Step(int choice)
        {
            var random = new Random(choice);
            var flow = Flows[random.Next(Flows.Length)];
            var isn = (uint)random.Next(2) + 10;
            var isHolding = true;
            switch (random.Next(19))
            {
                case < 5:
                    isHolding = OnSegment(Syn(random, flow, isn));
                    break;
                case < 10:
                    isHolding = OnSegment(SynAck(random, flow, isn));
                    break;
                case 10:
                    isHolding = OnSegment(
                        PacketBuilder.Segment(flow[1], flow[0], random.Next(3) == 0 ? TcpFlags.Rst : TcpFlags.Rst | TcpFlags.Ack)
                            .Acknowledging(isn + 1));
                    break;
                case 11:
                    _box.Time.Advance(TimeSpan.FromSeconds(random.Next(20)));
                    break;
                case 12 when _handshakes.Count > 0:
                    var adopted = _handshakes[random.Next(_handshakes.Count)];
                    if (adopted.TrySettle(Reason.Adopted))
                        _adopted.Add(adopted);
                    break;
                case 13 when _handshakes.Count > 0:
                    // As the interceptor does it: at once, or not at all.
                    _box.Negotiator.StayOut(_handshakes[^1], Reason.FlowLimit);
                    break;
                case 14 when _endedFlows < _adopted.Count:
                    _endedFlows++;
                    _admission.Release();
                    break;
                case 15:
                    // A reload to the other mode and back.
                    var state = _box.Negotiator.State;
                    _box.Negotiator.State = state with { Explicit = state.Explicit is null ? _settings : null };
                    break;
                case 16:
                    _box.Negotiator.ForgoClaim(new FlowKey(HostEndpoint.Parse(flow[0]), HostEndpoint.Parse(flow[1])));
                    break;
                default:
                    _box.Negotiator.Sweep(_abandoned);
                    break;
            }

            return isHolding && Balances();
        }

        public bool End()
        {
            _box.Negotiator.Stop(_abandoned);
            return _box.Negotiator.ContextCount == 0
                && Balances()
                && _handshakes.All(handshake => handshake.Outcome != Reason.None)
                && _box.Released.GetValueOrDefault(Reason.Adopted) == _adopted.Count
                && _admission.Flows == _adopted.Count - _endedFlows;
        }

        private bool Balances() =>
            _box.Negotiator.ContextCount is >= 0 and <= Bound
            && _handshakes.Count(handshake => handshake.Outcome == Reason.None) <= MaxHalfOpen
            && _box.Negotiator.ContextsCreated == _box.Negotiator.ContextCount + _box.Released.Values.Sum()
            && _abandoned.Distinct().Count() == _abandoned.Count
            && !_abandoned.Intersect(_adopted).Any()
            && HoldsItsPlaces();

        /// <summary>A place for each context and for each connection that is relayed; one that has just been adopted is both.</summary>
        private bool HoldsItsPlaces()
        {
            var adoptedContexts = _adopted.Count - _box.Released.GetValueOrDefault(Reason.Adopted);
            return _admission.Flows == _box.Negotiator.ContextCount - adoptedContexts + _adopted.Count - _endedFlows;
        }

        private bool OnSegment(PacketBuilder packet)
        {
            var created = _box.Negotiator.ContextsCreated;
            var decision = _box.Decide(packet);
            if (decision.Handshake is { } handshake)
            {
                if (_handshakes.Contains(handshake) || _handshakes.Count >= created)
                    return false;
                _handshakes.Add(handshake);
            }

            return (decision.Verdict == Verdict.Act) == (decision.Handshake is not null) && decision.Reason != Reason.None;
        }

        private static PacketBuilder Syn(Random random, string[] flow, uint isn)
        {
            var syn = PacketBuilder.Syn(flow[0], flow[1]).Isn(isn);
            return random.Next(10) switch
            {
                < 7 => syn.MpCapable(),
                7 => syn.MpJoin(1),
                8 => syn.Option(30, 0),
                _ => syn,
            };
        }

        private static PacketBuilder SynAck(Random random, string[] flow, uint isn)
        {
            var synAck = PacketBuilder.SynAck(flow[1], flow[0]).Acknowledging(isn + 1);
            return random.Next(6) switch
            {
                0 => synAck.MpCapable(1UL),
                1 => synAck.Option(2, 1),
                _ => synAck,
            };
        }
    }
}
