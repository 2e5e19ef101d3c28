using FsCheck;
using FsCheck.Fluent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Tests.Wire;

namespace Middlebox.Negotiation.Tests.Contexts;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ContextTableTests
{
    private enum Action
    {
        Add,
        Remove,
        RenewAwaitingServer,
        RenewAwaitingClient,
    }

    private static Gen<(Action Action, int Flow)[]> Histories { get; } =
        Gen.Choose(0, 300).SelectMany(length =>
            (from action in Gen.Elements(Enum.GetValues<Action>())
             from flow in Gen.Choose(0, 39)
             select (action, flow)).ArrayOf(length));

    // The model: what is in the table with the step at which it entered its state. Capacity is less than there are flows.
    [Test]
    public void AnyHistory_TableIsLikeADictionaryWithTwoQueues() =>
        WireGen.Holds(Histories, static history =>
        {
            const int Capacity = 24;
            var table = new ContextTable(Capacity);
            var model = new Dictionary<FlowKey, (ContextState State, long Since)>();
            for (var now = 0; now < history.Length; now++)
            {
                var flow = FlowOf(history[now].Flow);
                if (table.TryFind(in flow, out var slot) != model.ContainsKey(flow))
                    return false;
                switch (history[now].Action)
                {
                    case Action.Add when !model.ContainsKey(flow):
                        if (table.TryAdd(in flow, now, out _) != model.Count < Capacity)
                            return false;
                        if (model.Count < Capacity)
                            model[flow] = (ContextState.AwaitingServer, now);
                        break;
                    case Action.Remove when model.Remove(flow):
                        table.Remove(slot);
                        break;
                    case Action.RenewAwaitingServer when model.ContainsKey(flow):
                        table.Renew(slot, ContextState.AwaitingServer, now);
                        model[flow] = (ContextState.AwaitingServer, now);
                        break;
                    case Action.RenewAwaitingClient when model.ContainsKey(flow):
                        table.Renew(slot, ContextState.AwaitingClient, now);
                        model[flow] = (ContextState.AwaitingClient, now);
                        break;
                }

                if (!IsLike(table, model))
                    return false;
            }

            return Drain(table, ContextState.AwaitingServer).SequenceEqual(InOrder(model, ContextState.AwaitingServer))
                && Drain(table, ContextState.AwaitingClient).SequenceEqual(InOrder(model, ContextState.AwaitingClient))
                && table.Count == 0;
        });

    [Test]
    public void Oldest_NotYetAsOldAsAskedFor_IsLeft()
    {
        var table = new ContextTable(4);
        table.TryAdd(FlowOf(1), 100, out var slot);
        Assert.That(table.TryOldest(ContextState.AwaitingServer, 99, out _), Is.False);
        Assert.That(table.TryOldest(ContextState.AwaitingServer, 100, out var oldest), Is.True);
        Assert.That(oldest, Is.EqualTo(slot));
        Assert.That(table.TryOldest(ContextState.AwaitingClient, long.MaxValue, out _), Is.False);
    }

    // More than one block of slots, and a capacity that is no multiple of a block.
    [Test]
    public void Capacity_IsReachedAndNeverExceeded()
    {
        const int Capacity = 2500;
        var table = new ContextTable(Capacity);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < Capacity; i++)
                Assert.That(table.TryAdd(FlowOf(i), i, out _), Is.True);
            Assert.That(table.TryAdd(FlowOf(Capacity), 0, out _), Is.False);
            Assert.That(table.Count, Is.EqualTo(Capacity));
            for (var i = 0; i < Capacity; i++)
            {
                Assert.That(table.TryFind(FlowOf(i), out var slot), Is.True);
                Assert.That(table[slot].Flow, Is.EqualTo(FlowOf(i)));
                table.Remove(slot);
            }

            Assert.That(table.Count, Is.Zero);
        }
    }

    [Test]
    public void Slot_OfRemovedContext_KeepsNoHandshakeAlive()
    {
        var box = new NegotiatorBench("198.18.1.2:40000", "198.18.9.2:80");
        var table = new ContextTable(1);
        table.TryAdd(FlowOf(1), 0, out var slot);
        table[slot].Handshake = box.Act();
        table.Remove(slot);
        Assert.That(table[slot].Handshake, Is.Null);
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void Capacity_BelowOne_IsRefused(int capacity) =>
        Assert.That(() => new ContextTable(capacity), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static FlowKey FlowOf(int number) =>
        new(HostEndpoint.Parse($"198.18.1.2:{1 + number}"), HostEndpoint.Parse("198.18.9.2:80"));

    private static bool IsLike(ContextTable table, Dictionary<FlowKey, (ContextState State, long Since)> model) =>
        table.Count == model.Count
        && model.All(entry => table.TryFind(entry.Key, out var slot)
            && table[slot].Flow == entry.Key
            && table[slot].State == entry.Value.State
            && table[slot].Since == entry.Value.Since)
        && Enum.GetValues<ContextState>().All(state =>
            table.TryOldest(state, long.MaxValue, out var oldest)
                ? table[oldest].Flow == InOrder(model, state).FirstOrDefault()
                : !InOrder(model, state).Any());

    private static IEnumerable<FlowKey> InOrder(
        Dictionary<FlowKey, (ContextState State, long Since)> model, ContextState state) =>
        model.Where(entry => entry.Value.State == state).OrderBy(entry => entry.Value.Since).Select(entry => entry.Key);

    private static List<FlowKey> Drain(ContextTable table, ContextState state)
    {
        List<FlowKey> flows = [];
        while (table.TryOldest(state, long.MaxValue, out var slot))
        {
            flows.Add(table[slot].Flow);
            table.Remove(slot);
        }

        return flows;
    }
}
