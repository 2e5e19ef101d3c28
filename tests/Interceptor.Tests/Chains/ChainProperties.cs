using FsCheck;
using FsCheck.Fluent;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor.Tests.Chains;

/// <summary>What holds for every chain of proxies, whatever their modes, policies and keys, and whatever is between them.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ChainProperties
{
    private const int Cases = 5_000;

    [Test]
    public void AnyChain_Connects_AndAtMostOneActs() => Holds(ChainPlan.Any, static (plan, run) =>
    {
        var acting = run.Proxies.Where(proxy => proxy.HasActed).ToList();
        return Connects(run, acting)
            && acting.Sum(proxy => proxy.Taken.Count) <= 1
            && acting.All(proxy => run.Server.IsLegacyForThis && proxy.EverSawAcceptable)
            && acting.All(proxy => proxy.IsWilling || plan.ReloadInRound != ChainPlan.Never);
    });

    [Test]
    public void AnyChain_LegacyServer_OneActsIfAnyIsWilling() => Holds(ChainPlan.Any, static (plan, run) =>
        !run.Server.IsLegacyForThis
        || !run.AskedForMptcp
        || run.HasReloadedBeforeTheLastRound
        || run.Proxies.Any(proxy => proxy.HasBlanked)
        || !run.Proxies.Any(proxy => proxy.IsWilling && proxy.SawAcceptable)
        || run.Proxies.Count(proxy => proxy.HasActed) == 1);

    [Test]
    public void AnyChain_OnlyTheOneThatActsKeepsAContext_AndNoPlaceIsLost() => Holds(ChainPlan.Any, static (plan, run) =>
    {
        var isHolding = run.Proxies.All(proxy => proxy.Negotiator.ContextCount == (proxy.HasActed ? 1 : 0));
        foreach (var proxy in run.Proxies)
            proxy.Adopt();
        return isHolding
            && run.Proxies.All(proxy => proxy.Negotiator.ContextCount == 0)
            && run.Proxies.All(proxy => proxy.Admission.Flows
                == (proxy.Plan.Willingness == Willingness.Full ? 1 : 0) + (proxy.Taken.Any(taken => taken.Admission == proxy.Admission) ? 1 : 0));
    });

    [Test]
    public void AnyChain_NoClaimReachesTheOwnKernelOfTheOneThatActs() => Holds(ChainPlan.Any, static (plan, run) =>
        run.Proxies.Where(proxy => proxy.HasActed).All(proxy =>
            (Segments.CapableFlags(proxy.Injected[0], MptcpConstants.CapableSynLength) & 0x5F) == 0x01
            && !Segments.HasClaim(proxy.Injected[0])));

    // Nobody else can make a claim that a host with the key believes.
    [Test]
    public void AnyChain_ClaimThatAHostVerifies_IsOfTheOneThatActs() => Holds(ChainPlan.Any, static (plan, run) =>
        !IsVerified(run.Received!, out var claim) || run.Proxies.Single(proxy => proxy.HasActed).Plan.Id == claim.ProxyId);

    [Test]
    public void OneOperator_ContextsAreOne_AndOneMoreForEachHigherPreferenceBehind() => Holds(
        ChainPlan.OfOneOperator,
        static (plan, run) =>
        {
            var expected = 0;
            var highest = -1;
            foreach (var proxy in run.Proxies.Where(IsOffered))
            {
                var isBetter = highest < 0 || (plan.Proxies[0].Carrier == ClaimCarrier.Option && proxy.Plan.Preference > highest);
                expected += isBetter ? 1 : 0;
                highest = isBetter ? proxy.Plan.Preference : highest;
                if (proxy.Negotiator.ContextsCreated != (isBetter ? 1 : 0))
                    return false;
            }

            return run.Proxies.Sum(proxy => proxy.Negotiator.ContextsCreated) == expected;
        });

    [Test]
    public void OneOperator_LegacyServer_TheHighestPreferenceActs_TheFirstAmongEquals() => Holds(
        ChainPlan.OfOneOperator,
        static (plan, run) =>
        {
            var willing = run.Proxies.Where(IsOffered);
            var expected = !run.Server.IsLegacyForThis ? null
                : plan.Proxies[0].Carrier == ClaimCarrier.Option ? willing.MaxBy(proxy => proxy.Plan.Preference)
                : willing.FirstOrDefault();
            return run.Proxies.SingleOrDefault(proxy => proxy.HasActed) == expected;
        });

    [Test]
    public void OneOperator_Signed_ClientVerifiesTheOneThatActs() => Holds(
        ChainPlan.OfOneOperator,
        static (plan, run) => plan.Proxies[0].Keys == KeyKind.None
            || IsVerified(run.Received!, out _) == run.Proxies.Any(proxy => proxy.HasActed));

    [Test]
    public void OneOperator_OptionCarrier_CapableServer_StaysEndToEnd() => Holds(
        ChainPlan.OfOneOperator,
        static (plan, run) => plan.Server == ServerKind.Legacy
            || plan.Proxies[0].Carrier != ClaimCarrier.Option
            || (!run.Server.IsLegacyForThis && Segments.CapableFlags(run.Received!, MptcpConstants.CapableSynAckLength) == 0x01));

    // The documented limit: RFC 8684 lets a host ignore MP_CAPABLE with bit B, and Linux does.
    [Test]
    public void OneOperator_BitCarrier_StockCapableServer_FallsBack() => Holds(
        ChainPlan.OfOneOperator,
        static (plan, run) => plan.Server != ServerKind.Linux
            || plan.Proxies[0].Carrier != ClaimCarrier.CapableBit
            || run.Server.IsLegacyForThis == run.Proxies.Any(IsOffered));

    private static bool IsOffered(SimulatedProxy proxy) =>
        proxy.IsWilling && proxy.Plan.Willingness is Willingness.Serve or Willingness.HalfShare;

    /// <summary>The client's connection works: it has a SYN/ACK to its SYN, from an end that means the same by it.</summary>
    private static bool Connects(ChainRun run, List<SimulatedProxy> acting)
    {
        if (run.Received is not { } packet || TcpPacket.Read(packet, out var synAck) != PacketDefect.None)
            return false;
        var believesInMptcp = run.AskedForMptcp
            && (Segments.CapableFlags(packet, MptcpConstants.CapableSynAckLength) & 0x5F) == 0x01;
        return synAck.Flags == TcpFlags.SynAck
            && synAck.Sequence == SimulatedServer.Isn
            && synAck.Acknowledgment == unchecked(ChainRun.ClientIsn + 1)
            && (!believesInMptcp || acting.Count == 1 || !run.Server.IsLegacyForThis);
    }

    private static bool IsVerified(byte[] synAck, out ProxyClaim claim)
    {
        TcpPacket.Read(synAck, out var segment);
        return SynAckClaims.Verify(in segment, ProxyPlan.RightKeys, acceptUnsigned: false, out claim) == true;
    }

    private static void Holds(Func<int, ChainPlan> create, Func<ChainPlan, ChainRun, bool> property) =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).Select(create).ToArbitrary(),
            plan => property(plan, new ChainRun(plan)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
}
