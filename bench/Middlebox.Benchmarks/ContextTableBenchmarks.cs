using BenchmarkDotNet.Attributes;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;

namespace Middlebox.Benchmarks;

/// <summary>The table of contexts by itself: finding one, and removing one and adding it again, in no order.</summary>
public class ContextTableBenchmarks
{
    private const int Probes = 4096;
    private readonly FlowKey[] _probes = new FlowKey[Probes];
    private ContextTable _table = null!;
    private uint _next;

    [Params(10, 100_000, 1_000_000)]
    public int Contexts { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _table = new ContextTable(Contexts);
        var syn = Segments.Syn();
        for (var i = 0; i < Contexts; i++)
            _table.TryAdd(FlowOf(syn, i), now: i, out _);
        var random = new Random(1);
        for (var i = 0; i < Probes; i++)
            _probes[i] = FlowOf(syn, random.Next(Contexts));
    }

    [Benchmark]
    public int Find()
    {
        _table.TryFind(in _probes[_next++ % Probes], out var slot);
        return slot;
    }

    [Benchmark]
    public int RemoveAndAdd()
    {
        ref var flow = ref _probes[_next++ % Probes];
        _table.TryFind(in flow, out var slot);
        _table.Remove(slot);
        _table.TryAdd(in flow, now: 0, out slot);
        return slot;
    }

    private static FlowKey FlowOf(byte[] syn, int index)
    {
        Segments.SetClient(syn, index);
        return Segments.Read(syn).FlowFromClient;
    }
}
