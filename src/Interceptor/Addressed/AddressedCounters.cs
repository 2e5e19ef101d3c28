using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;

namespace Middlebox.Interceptor.Addressed;

/// <summary>What became of connections whose hosts name their servers in the SYN; counted by one thread, any may read.</summary>
public sealed class AddressedCounters
{
    private readonly long[] _refused = new long[Enum.GetValues<AddressedRefusal>().Length];
    private readonly long[] _ended = new long[Enum.GetValues<PromotionState>().Length];
    private long _relayed;
    private long _unobserved;
    private long _failures;
    private readonly ReasonCounters _handshakesEnded = new();
    private int _pending;
    private int _handshakes;

    /// <summary>Connections that the kernel was told to relay.</summary>
    public long Relayed => Volatile.Read(ref _relayed);

    /// <summary>Those among them for which there was no room to look at them.</summary>
    public long Unobserved => Volatile.Read(ref _unobserved);

    /// <summary>Packets that passed because the code failed on them.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Connections whose hosts do not yet know their servers' own addresses.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Connections of legacy servers on which the box acts, and whose hosts have not completed their handshakes.</summary>
    public int Handshakes => Volatile.Read(ref _handshakes);

    /// <summary>What became of connections of legacy servers: <see cref="Reason.Adopted"/>, or why the box has not acted, or given up.</summary>
    public IReadOnlyDictionary<Reason, long> HandshakesEnded()
    {
        var ended = new Dictionary<Reason, long>();
        _handshakesEnded.AddTo(ended);
        return ended;
    }

    /// <summary>SYNs that were not relayed, by why; what has not occurred is left out, here and below.</summary>
    public IReadOnlyDictionary<AddressedRefusal, long> Refused() => Occurred<AddressedRefusal>(_refused);

    /// <summary>How it ended that the box looked at a connection.</summary>
    public IReadOnlyDictionary<PromotionState, long> Ended() => Occurred<PromotionState>(_ended);

    internal void CountRelayed() => Volatile.Write(ref _relayed, _relayed + 1);

    internal void CountUnobserved() => Volatile.Write(ref _unobserved, _unobserved + 1);

    internal void CountFailure() => Volatile.Write(ref _failures, _failures + 1);

    internal void Count(AddressedRefusal refusal) => Volatile.Write(ref _refused[(int)refusal], _refused[(int)refusal] + 1);

    internal void Count(PromotionState end) => Volatile.Write(ref _ended[(int)end], _ended[(int)end] + 1);

    internal void Count(Reason end) => _handshakesEnded.Add(end);

    internal void SetHandshakes(int count) => Volatile.Write(ref _handshakes, count);

    internal void SetPending(int count) => Volatile.Write(ref _pending, count);

    private static Dictionary<T, long> Occurred<T>(long[] counts)
        where T : struct, Enum =>
        Enum.GetValues<T>().Select((value, index) => (value, count: Volatile.Read(ref counts[index])))
            .Where(entry => entry.count > 0)
            .ToDictionary(entry => entry.value, entry => entry.count);
}
