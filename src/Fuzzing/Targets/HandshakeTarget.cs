using Middlebox.Fuzzing.Mutation;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Dialling;
using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Fuzzing.Targets;

/// <summary>A whole box without its sockets: packets in any order, time that passes, dials that come out, and a new configuration.</summary>
public sealed class HandshakeTarget : IFuzzTarget
{
    private const int MaxContexts = 8;
    private const int MaxHalfOpen = 4;
    private const int EcnFlags = 0x1C0;
    private const int HandshakeFlags = 0x17;

    // A connection of the box: the captured joins in the corpus are for its token.
    private const uint OwnToken = 0x17DCD5E1;
    private static readonly HostEndpoint OwnServer = HostEndpoint.Parse("198.18.9.2:80");

    // IPv6 clients without MPTCP are upgraded, so that both ways through the box are taken.
    private static readonly PolicyTable Policy = new(
        [PolicyRule.ForEverything(PolicyAction.Serve) with { Client = AddressPrefix.Parse("::/0"), UpgradeClients = true }], PolicyAction.Serve);

    private static readonly SharedKeys Keys = new(PlainClaim.Keys, signingKeyId: 1, PlainClaim.Proxies);

    public IMutator Mutator { get; } = new StepMutator(new PacketMutator(), kinds: 8);

    public int Run(byte[] input)
    {
        var time = new StillTime();
        var peers = new HandshakePeers();
        using var dials = new DialResults();
        var tokens = new ServedTokens(time);
        tokens.Add(OwnToken, OwnServer);
        var state = StateOf(time, tokens, isExplicit: false);
        var negotiator = new Negotiator(state, MaxContexts, MaxHalfOpen, time);
        var handler = new PacketHandler(negotiator, peers, new PacketSinks(peers, peers, peers), new DeferredPackets(time), dials);
        foreach (var (kind, content) in Steps.Read(input))
        {
            switch (kind)
            {
                case 0 or 1 or 2:
                    Handle(handler, content, PacketHook.Forward);
                    break;
                case 3:
                    Handle(handler, content, PacketHook.LocalOut);
                    break;
                case 4:
                    time.Advance(TimeSpan.FromMilliseconds(content.Length * 200));
                    handler.Sweep();
                    break;
                case 5:
                    time.Advance(TimeSpan.FromMilliseconds(content.Length));
                    handler.RetryDeferred();
                    break;
                case 6 when peers.Dials.TryDequeue(out var dial):
                    dial.Observer.Dialled(dial.Handshake, (DialOutcome)(content.Length % Enum.GetValues<DialOutcome>().Length));
                    handler.HandleDials();
                    break;
                case 7:
                    negotiator.State = StateOf(time, tokens, isExplicit: content.Length % 2 == 0);
                    break;
            }

            OracleException.Require(negotiator.ContextCount is >= 0 and <= MaxContexts, $"{negotiator.ContextCount} contexts");
        }

        handler.Stop();
        OracleException.Require(negotiator.ContextCount == 0, $"{negotiator.ContextCount} contexts at the end");
        return Behaviour(negotiator, peers);
    }

    private static void Handle(PacketHandler handler, byte[] packet, PacketHook hook)
    {
        var before = (byte[])packet.Clone();
        var outcome = handler.Handle(packet, hook);
        OracleException.Require(packet.AsSpan().SequenceEqual(before), "the packet handed in has changed");
        var reading = PlainReader.Read(packet);
        if (reading.Defect != "None" || (packet[reading.TcpOffset + 13] & HandshakeFlags) is not (2 or 0x12 or 4 or 0x14))
        {
            OracleException.Require(outcome == PacketOutcome.Accept, $"what is no handshake: {outcome}");
            OracleException.Require(Allocation.Of(() => handler.Handle(packet, hook) == PacketOutcome.Drop) == 0, "what is no handshake has allocated");
        }
        else if (outcome == PacketOutcome.AcceptChanged)
        {
            PacketChange.Require(packet[..reading.Length], handler.Changed.ToArray(), "handled", changedFlags: EcnFlags);
            RequireForeignOptions(reading, handler.Changed.ToArray());
        }
    }

    // Kinds that are none of the box's business go on as they came.
    private static void RequireForeignOptions(PlainReader.Reading before, byte[] after)
    {
        if (!PlainReader.Walk(before.Options!).Malformed)
            OracleException.Require(Foreign(before).SequenceEqual(Foreign(PlainReader.Read(after))), "an option of another kind has changed");
    }

    private static IEnumerable<string> Foreign(PlainReader.Reading reading) =>
        PacketChange.Kept(reading.Options!).Where(option => !option.StartsWith("1E", StringComparison.Ordinal));

    // Which reasons occurred, never, once or more often.
    private static int Behaviour(Negotiator negotiator, HandshakePeers peers)
    {
        var hash = default(HashCode);
        foreach (var reason in Enum.GetValues<Reason>())
            hash.Add(Math.Min(2, negotiator.Bypassed[reason] + negotiator.Released[reason] + negotiator.Claims[reason]));
        hash.Add(Math.Min(peers.Taken, 2));
        hash.Add(Math.Min(peers.Sent, 4));
        return hash.ToHashCode();
    }

    private static NegotiationState StateOf(TimeProvider time, ServedTokens tokens, bool isExplicit)
    {
        var options = new NegotiationOptions { RepeatsWithMpCapable = 0 };
        return new NegotiationState(
            options,
            Policy,
            isExplicit ? new ExplicitSettings(17, 4, ClaimCarrier.Option, Keys, AcceptUnsigned: false) : null,
            new DroppingServers(8, TimeSpan.FromHours(1), time),
            new ServerCapabilities(options, time),
            tokens,
            new RelayedFlows(time));
    }
}
