using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.ProxyEngine.Relay;
using Middlebox.ProxyEngine.Survival;
using Middlebox.ProxyEngine.Tests.Relay;

namespace Middlebox.ProxyEngine.Tests.Survival;

/// <summary>What is found in the ledger after the process that wrote it has ended at some point.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class FlowLedgerTests
{
    private const int Flows = 4;

    private readonly FlowLedger _ledger = FlowLedger.Create(Flows);

    [Test]
    public void Flow_WrittenDown_IsFoundAgain(
        [Values(Reason.ServerLegacy, Reason.ServerKnownCapable, Reason.ConvertRequested, Reason.NamedServerLegacy, Reason.HostProxied)] Reason reason,
        [Values] bool isMptcp)
    {
        var since = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_123);
        FlowIdentity[] flows =
        [
            new(Key("198.18.1.2:40000", "198.18.9.2:80"), new ProxyClaim(7, 3), null, reason, isMptcp, 0xdead_beef, since),
            new(Key("[2001:db8:1::2]:40000", "[2001:db8:9::2]:443"), null, null, reason, isMptcp, null, since),
        ];
        var slots = flows.Select(Add).ToList();

        var found = Reopen();

        Assert.That(found.LiveSlots(), Is.EqualTo(slots));
        Assert.That(slots.Select(slot => found[slot].Identity), Is.EqualTo(flows));
    }

    [Test]
    public void Flow_Struck_IsNotFound_AndItsSlotIsGivenAgainOnlyWhenRecycled()
    {
        var slots = Enumerable.Range(0, Flows).Select(_ => Add(Any)).ToList();
        Assert.That(_ledger.TryAdd(FlowRecord.Of(Any), out _), Is.False, "full");

        _ledger.Strike(slots[1]);
        Assert.That(_ledger.LiveSlots(), Is.EqualTo(slots.Where(slot => slot != slots[1])));
        Assert.That(_ledger.TryAdd(FlowRecord.Of(Any), out _), Is.False);

        _ledger.Recycle(slots[1]);
        Assert.That(Add(Any), Is.EqualTo(slots[1]));
    }

    [Test]
    public void Flow_Struck_NotRecycled_AnotherDaemonGivesItsSlotAgain()
    {
        var slots = Enumerable.Range(0, Flows).Select(_ => Add(Any)).ToList();
        _ledger.Strike(slots[2]);

        Assert.That(Reopen().TryAdd(FlowRecord.Of(Any), out var slot), Is.True);
        Assert.That(slot, Is.EqualTo(slots[2]));
    }

    // kernel: whether the system call was made; entered: whether its outcome got into the record.
    [TestCase(false, false, 100)]
    [TestCase(true, false, 140)]
    [TestCase(true, true, 140)]
    public void Send_KilledMeanwhile_CountsWhatTheKernelTook(bool kernel, bool entered, long expected)
    {
        var slot = Add(Any);
        _ledger[slot].Down.Sent = 100;
        ref var operation = ref Begin(slot, RelayOperationKind.Send, length: 0);
        if (kernel)
        {
            var (leg, peer) = RelayBench.Connect();
            using (leg)
            using (peer)
                operation.Call.Send(leg, new byte[40]);
        }

        if (entered)
            _ledger[slot].Down.Sent += 40;

        Assert.That(Reopen()[slot].Down.Sent, Is.EqualTo(expected));
        Assert.That(Reopen()[slot].Down.Sent, Is.EqualTo(expected), "settled once");
    }

    [TestCase(false, false, 100)]
    [TestCase(true, false, 140)]
    [TestCase(true, true, 140)]
    public void Consume_KilledMeanwhile_CountsWhatTheKernelGave(bool kernel, bool entered, long expected)
    {
        var slot = Add(Any);
        _ledger[slot].Down.Consumed = 100;
        ref var operation = ref Begin(slot, RelayOperationKind.Consume, length: 40);
        if (kernel)
        {
            var (leg, peer) = RelayBench.Connect();
            using (leg)
            using (peer)
            {
                peer.Send(new byte[90]);
                Assert.That(() => (int)Peek(leg), Is.EqualTo(90).After(10_000, 1));
                operation.Call.Consume(leg, new byte[40]);
                Assert.That((int)Peek(leg), Is.EqualTo(50));
            }
        }

        if (entered)
            _ledger[slot].Down.Consumed += 40;

        Assert.That(Reopen()[slot].Down.Consumed, Is.EqualTo(expected));
        Assert.That(Reopen()[slot].Down.Consumed, Is.EqualTo(expected), "settled once");
    }

    [Test]
    public void Memory_LaidOutInAnotherWay_IsNotTouched()
    {
        var memory = SharedMemory.Create("other", 1 << 20);
        memory.At<long>(8192) = 42;
        Assert.That(FlowLedger.Open(memory.Descriptor, Flows), Is.Null);
        Assert.That(memory.At<long>(8192), Is.EqualTo(42));
    }

    [Test]
    public void Ledger_OpenedForMoreFlows_HasRoomForThem()
    {
        var slot = Add(Any);
        var larger = FlowLedger.Open(_ledger.Descriptor, 1000)!;
        var others = Enumerable.Range(0, 999).Select(_ => larger.TryAdd(FlowRecord.Of(Any), out var other) ? other : -1).ToList();
        Assert.That(others.Append(slot), Is.Unique.And.All.GreaterThanOrEqualTo(0));
    }

    private static FlowIdentity Any => new(Key("198.18.1.2:40000", "198.18.9.2:80"), null, null, Reason.ServerLegacy, true, 1, DateTimeOffset.UnixEpoch);

    private static FlowKey Key(string client, string server) => new(HostEndpoint.Parse(client), HostEndpoint.Parse(server));

    private static nint Peek(FileDescriptor socket)
    {
        var bytes = new byte[1000];
        return Libc.recv(socket, ref bytes[0], bytes.Length, Libc.MSG_PEEK | Libc.MSG_DONTWAIT);
    }

    private ref RelayOperation Begin(int slot, RelayOperationKind kind, int length)
    {
        ref var operation = ref _ledger.OperationOf(thread: 3);
        operation.Call.Clear();
        operation.Slot = slot;
        operation.IsUp = false;
        operation.Length = length;
        operation.Before = 100;
        operation.Kind = kind;
        return ref operation;
    }

    private FlowLedger Reopen() => FlowLedger.Open(_ledger.Descriptor, Flows)!;

    private int Add(FlowIdentity flow)
    {
        Assert.That(_ledger.TryAdd(FlowRecord.Of(flow), out var slot), Is.True);
        return slot;
    }
}
