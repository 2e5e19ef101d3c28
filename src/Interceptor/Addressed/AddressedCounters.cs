using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;

namespace Middlebox.Interceptor.Addressed;

/// <summary>What became of connections whose hosts name their servers in the SYN; counted by one thread, any may read.</summary>
public sealed class AddressedCounters
{
    private int _pending;
    private int _handshakes;

    /// <summary>Connections that the kernel was told to relay.</summary>
    public EventCounter Relayed { get; } = new();

    /// <summary>Those among them that the box does not look at, by why there was no room.</summary>
    public EventCounters<Reason> Unobserved { get; } = new();

    /// <summary>Those whose segments go past the rules, once the box looks at them no more.</summary>
    public EventCounter Carried { get; } = new();

    /// <summary>Packets that passed because the code failed on them.</summary>
    public EventCounter Failures { get; } = new();

    /// <summary>SYNs that were not relayed, by why.</summary>
    public EventCounters<Reason> Refused { get; } = new();

    /// <summary>How it ended that the box looked at a connection.</summary>
    public EventCounters<PromotionState> Ended { get; } = new();

    /// <summary>What became of connections of legacy servers: <see cref="Reason.Adopted"/>, or why the box has not acted, or given up.</summary>
    public EventCounters<Reason> HandshakesEnded { get; } = new();

    /// <summary>Connections whose hosts do not yet know their servers' own addresses.</summary>
    public int Pending
    {
        get => Volatile.Read(ref _pending);
        internal set => Volatile.Write(ref _pending, value);
    }

    /// <summary>Connections of legacy servers on which the box acts, and whose hosts have not completed their handshakes.</summary>
    public int Handshakes
    {
        get => Volatile.Read(ref _handshakes);
        internal set => Volatile.Write(ref _handshakes, value);
    }
}
