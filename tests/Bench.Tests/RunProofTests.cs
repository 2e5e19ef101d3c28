using System.Net;
using Middlebox.Bench.Load;
using Middlebox.Bench.Proof;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Tests;

/// <summary>What counters must say of a run, way by way.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class RunProofTests
{
    private static readonly Observation Before = new(new(7, 7, 0), new(5, 0, 5), new(3, 0, 3), new(2, 1));

    [Test]
    public void Proxied_EndsAtTheMiddle_Valid([Values(WayName.Box, WayName.Haproxy)] WayName way) =>
        Assert.That(Faults(way, client: new(2, 2, 0), middle: new(0, 0, 2), server: default, box: new(2, 0)), Is.Empty);

    // A HAProxy without MPTCP, or a proxy that does not run and lets everything pass to a legacy server.
    [Test]
    public void Proxied_ClientFellBack_NotValid() => Assert.That(
        Faults(WayName.Haproxy, client: new(2, 0, 0), middle: default, server: default),
        Has.Some.Contains("the client spoke MPTCP on 0 of 2").And.Some.Contains("MPTCP ended at peer for 0 of 2"));

    [Test]
    public void Proxied_OneFlowPassed_NotValid() => Assert.That(
        Faults(WayName.Haproxy, client: new(2, 1, 0), middle: new(0, 0, 1), server: default),
        Has.Some.Contains("the client spoke MPTCP on 1 of 2"));

    [Test]
    public void Proxied_ByAnotherThanTheBox_NotValid() => Assert.That(
        Faults(WayName.Box, client: new(2, 2, 0), middle: new(0, 0, 2), server: default, box: new(0, 0)),
        Is.EqualTo(new[] { "the box adopted 0 of 2 connections" }));

    [Test]
    public void Proxied_MptcpReachedTheServer_NotValid() => Assert.That(
        Faults(WayName.Haproxy, client: new(2, 2, 0), middle: new(0, 0, 2), server: new(0, 0, 2)),
        Is.EqualTo(new[] { "the server spoke MPTCP on 2 connections" }));

    [Test]
    public void EndToEnd_ServerSpeaksMptcp_Valid() => Assert.That(
        Faults(WayName.BoxCapableServer, client: new(2, 2, 0), middle: default, server: new(0, 0, 2), box: new(0, 2)), Is.Empty);

    [Test]
    public void EndToEnd_BoxActed_NotValid() => Assert.That(
        Faults(WayName.BoxCapableServer, client: new(2, 2, 0), middle: new(0, 0, 2), server: default, box: new(2, 0)),
        Has.Count.EqualTo(4));

    [Test]
    public void Plain_NobodySpeaksMptcp_Valid() =>
        Assert.That(Faults(WayName.PlainTcp, client: default, middle: default, server: default), Is.Empty);

    [Test]
    public void Plain_ClientOfferedMptcp_NotValid() => Assert.That(
        Faults(WayName.BoxPlainClient, client: new(2, 0, 0), middle: default, server: default), Has.Count.EqualTo(1));

    [Test]
    public void AddressOfTheClient_NotKept_NotValid() => Assert.That(
        Faults(WayName.PlainTcp, default, default, default, load: new LoadEvidence(Tally(1, 2), Tally(1, 3))),
        Has.Some.Contains("not from the addresses and ports"));

    [Test]
    public void FailedConnection_NotValid() => Assert.That(
        Faults(WayName.PlainTcp, default, default, default, load: new LoadEvidence(Tally(1, 2), Tally(1, 2), 1, "Connection reset by peer")),
        Is.EqualTo(new[] { "1 connections failed: Connection reset by peer" }));

    [Test]
    public void NoConnection_NotValid() =>
        Assert.That(Faults(WayName.PlainTcp, default, default, default, load: default(LoadEvidence)), Is.Not.Empty);

    private static IReadOnlyList<string> Faults(
        WayName way,
        MptcpCounters client,
        MptcpCounters middle,
        MptcpCounters server,
        BoxDecisions box = default,
        LoadEvidence? load = null) =>
        RunProof.Faults(
            Way.Of(way),
            Before,
            new Observation(Sum(Before.Client, client), Sum(Before.Middle, middle), Sum(Before.Server, server),
                new(Before.Box.Adopted + box.Adopted, Before.Box.SteppedOut + box.SteppedOut)),
            load ?? new LoadEvidence(Tally(1, 2), Tally(2, 1)));

    private static MptcpCounters Sum(MptcpCounters left, MptcpCounters right) => new(
        left.SynSent + right.SynSent, left.SynAckReceived + right.SynAckReceived, left.AckReceived + right.AckReceived);

    private static PeerTally Tally(params int[] ports) => ports.Aggregate(
        default(PeerTally), (tally, port) => tally.With(new IPEndPoint(IPAddress.Parse("198.18.1.3"), port)));
}
