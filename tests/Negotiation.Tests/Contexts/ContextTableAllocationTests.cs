using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;

namespace Middlebox.Negotiation.Tests.Contexts;

[TestFixture]
[NonParallelizable]
public sealed class ContextTableAllocationTests
{
    private static readonly HostEndpoint Server = HostEndpoint.Parse("198.18.9.2:80");

    // Blocks are allocated when they are first needed; a table that has been full once needs none.
    [TestCase(10)]
    [TestCase(100_000)]
    public void FindRemoveAdd_AFullTable_AllocatesNothing(int contexts)
    {
        var table = new ContextTable(contexts);
        for (var i = 0; i < contexts; i++)
            Assert.That(table.TryAdd(FlowOf(i), i, out _), Is.True);
        Assert.That(table.TryAdd(FlowOf(contexts), 0, out _), Is.False);
        Renew(table, contexts);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Renew(table, contexts);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(table.Count, Is.EqualTo(contexts));
    }

    private static void Renew(ContextTable table, int contexts)
    {
        for (var i = 0; i < contexts; i++)
        {
            var flow = FlowOf(i);
            if (table.TryFind(in flow, out var slot))
                table.Remove(slot);
            table.TryAdd(in flow, i, out _);
        }
    }

    private static FlowKey FlowOf(int index) => new(
        new HostEndpoint(HostAddress.FromIpv4([10, 0, 0, (byte)(index >> 15)]), new PortNumber((ushort)(index & 0x7FFF))), Server);
}
