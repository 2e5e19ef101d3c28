using System.Reflection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.History;

namespace Middlebox.Interceptor.Tests;

/// <summary>What every packet costs: its decision is remembered, whether anybody looks or not, without an allocation or a lock.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
public sealed class PacketHandlerAllocationTests(string client, string server)
{
    private const int Connections = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PacketHandlerBench _box = new(client, server);

    [Test]
    public void TenThousandConnections_NobodyTraces_AllocateNothingAndTakeNoLock() => AssertCostsNothing();

    [Test]
    public void TenThousandConnections_PacketsAreKept_AllocateNothingAndTakeNoLock()
    {
        _box.Negotiator.History.KeepPackets();
        AssertCostsNothing();
        _box.Negotiator.History.ForgoPackets();
    }

    private void AssertCostsNothing()
    {
        var syn = _box.MptcpSyn().Build();
        var synAck = _box.SynAck().MpCapable(7UL).Build();
        Forward(syn, synAck, 100);
        var history = _box.Negotiator.History;
        using var held = new ManualResetEventSlim();
        using var handled = new ManualResetEventSlim();
        var holder = Task.Run(() =>
        {
            lock (LockOf(history))
            {
                held.Set();
                return handled.Wait(Patience);
            }
        });
        held.Wait();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Forward(syn, synAck, Connections);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        handled.Set();

        Assert.That(allocated, Is.Zero);
        Assert.That(holder.GetAwaiter().GetResult(), Is.True, "packets waited for the lock of those who trace");
        Assert.That(history.Written, Is.EqualTo(2 * (Connections + 100)), "every decision is remembered");
        Assert.That(
            history.Find(_ => true).TakeLast(2).Select((DecisionRecord record) => record.Reason),
            Is.EqualTo(new[] { Reason.Served, Reason.ServerCapable }));
    }

    /// <summary>What those lock who begin and end keeping packets; the only lock that there is in a history.</summary>
    private static object LockOf(DecisionHistory history) =>
        typeof(DecisionHistory).GetField("_entries", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(history)!;

    private void Forward(byte[] syn, byte[] synAck, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _box.Handler.Handle(syn, PacketHook.Forward);
            _box.Handler.Handle(synAck, PacketHook.Forward);
        }
    }
}
