using System.Collections.Concurrent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;

namespace Middlebox.Negotiation.Contexts;

/// <summary>
/// The contexts of one packet thread from their making to their end: who makes room when there is none, how each ends, and what is
/// to be told of it. Owned by that thread, but for <see cref="Settled"/>, through which others say what became of a
/// handshake, and for the counters.
/// </summary>
internal sealed class ContextLedger
{
    /// <summary>How long a context is kept at least after the relay has adopted its connection; it takes no place meanwhile that another needs.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(200);

    private readonly ContextTable _contexts;
    private readonly SourceCounts _sources = new();
    private readonly int _maxHalfOpen;
    private readonly DecisionHistory _history;
    private readonly TimeProvider _time;
    private readonly List<Handshake> _abandoned = [];
    private int _count;
    private long _created;

    /// <param name="maxContexts">At least 1.</param>
    /// <param name="maxHalfOpen">Contexts that may await the client, or a server that is dialled, at a time; at least 1.</param>
    /// <param name="history">Told of contexts that end without a segment.</param>
    /// <param name="time">The clock.</param>
    public ContextLedger(int maxContexts, int maxHalfOpen, DecisionHistory history, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxHalfOpen, 1);
        _contexts = new ContextTable(maxContexts);
        _maxHalfOpen = maxHalfOpen;
        _history = history;
        _time = time;
    }

    /// <summary>Contexts kept now, without those whose connections the relay has; may be read by any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Contexts ever created; may be read by any thread.</summary>
    public long Created => Volatile.Read(ref _created);

    /// <summary>Contexts that ended, by reason.</summary>
    public EventCounters<Reason> Released { get; } = new();

    /// <summary>Handshakes that have been settled elsewhere; any thread may add one.</summary>
    public ConcurrentQueue<Handshake> Settled { get; } = new();

    /// <summary>Whether handshakes were given up that <see cref="TakeAbandoned"/> has not handed over yet.</summary>
    public bool HasAbandoned => _abandoned.Count > 0;

    public ref ConnectionContext this[int slot] => ref _contexts[slot];

    public bool TryFind(in FlowKey flow, out int slot) => _contexts.TryFind(in flow, out slot);

    public void Renew(int slot, ContextState state, long now) => _contexts.Renew(slot, state, now);

    /// <summary>Adds a context that awaits the server; the flow must have none.</summary>
    /// <returns>False if all places are taken by contexts that are not past their <see cref="NegotiationOptions.Grace"/>, or too many by its source.</returns>
    public bool TryAdd(in FlowKey flow, long now, NegotiationOptions options, out int slot, out Reason refusal)
    {
        slot = -1;
        refusal = Reason.SourceLimit;
        if (!_sources.HasRoom(in flow, options.MaxContextsPerSource))
        {
            // Those that the relay has adopted since the last sweep count no longer.
            ReleaseSettled();
            if (!_sources.HasRoom(in flow, options.MaxContextsPerSource))
                return false;
        }

        refusal = Reason.TableFull;
        if (!_contexts.TryAdd(in flow, now, out slot))
        {
            // Those whose adoption has failed since the last sweep have left their places.
            ReleaseSettled();
            if (!_contexts.TryAdd(in flow, now, out slot) && !(TryMakeRoom() && _contexts.TryAdd(in flow, now, out slot)))
                return false;
        }

        _sources.Add(in flow);
        Volatile.Write(ref _created, _created + 1);
        Recount();
        return true;
    }

    /// <summary>
    /// Whether one more context may await the client, or a server that is dialled for it, if need be in the place of an older one.
    /// </summary>
    public bool HasRoomForHalfOpen() =>
        _contexts.CountOf(ContextState.AwaitingClient) + _contexts.CountOf(ContextState.Dialling) < _maxHalfOpen
        || TryMakeRoomForHalfOpen();

    /// <summary>Ends a context.</summary>
    /// <param name="slot">The context.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isTold">Whether a decision on a segment tells the same.</param>
    public void Release(int slot, Reason reason, bool isTold = false)
    {
        if (_contexts[slot].State == ContextState.Adopted)
        {
            _contexts.Remove(slot);
            return;
        }

        if (_contexts[slot].Handshake is { } handshake)
        {
            // The relay may have settled it a moment ago; then its outcome is the truth.
            if (handshake.TrySettle(reason))
                _abandoned.Add(handshake);
            reason = handshake.Outcome;
        }

        Forget(slot, reason, isTold);
    }

    /// <summary>Ends the contexts whose handshakes have been settled elsewhere.</summary>
    public void ReleaseSettled()
    {
        while (Settled.TryDequeue(out var handshake))
        {
            if (!_contexts.TryFind(handshake.Flow, out var slot) || !ReferenceEquals(_contexts[slot].Handshake, handshake))
                continue;
            End(slot, handshake.Outcome, isTold: false);
            if (handshake.Outcome == Reason.Adopted)
                _contexts.Renew(slot, ContextState.Adopted, _time.GetTimestamp());
            else
                _contexts.Remove(slot);
            Recount();
        }
    }

    /// <summary>Ends what has been settled elsewhere and what has waited too long.</summary>
    public void Sweep(NegotiationOptions options)
    {
        ReleaseSettled();
        var now = _time.GetTimestamp();
        ReleaseOlder(ContextState.AwaitingServer, now - InTicks(options.ServerTimeout), Reason.Unanswered);
        ReleaseOlder(ContextState.AwaitingClient, now - InTicks(options.ClientTimeout), Reason.ClientVanished);
        ReleaseOlder(ContextState.Dialling, now - InTicks(options.ServerTimeout), Reason.DialUnanswered);
        ReleaseOlder(ContextState.Adopted, now - InTicks(Linger), Reason.Adopted);
    }

    /// <summary>Ends those that await a server.</summary>
    public void ReleaseUnanswered(Reason reason) => ReleaseOlder(ContextState.AwaitingServer, long.MaxValue, reason);

    public void ReleaseAll(Reason reason)
    {
        ReleaseSettled();
        ReleaseOlder(ContextState.AwaitingServer, long.MaxValue, reason);
        ReleaseOlder(ContextState.AwaitingClient, long.MaxValue, reason);
        ReleaseOlder(ContextState.Dialling, long.MaxValue, reason);
        ReleaseOlder(ContextState.Adopted, long.MaxValue, reason);
    }

    /// <summary>Hands over, once, the handshakes that were given up.</summary>
    public void TakeAbandoned(ICollection<Handshake> abandoned)
    {
        foreach (var handshake in _abandoned)
            abandoned.Add(handshake);
        _abandoned.Clear();
    }

    private bool TryMakeRoom() => TryMakeRoomAmongAdopted() || TryMakeRoom(ContextState.AwaitingServer) || TryMakeRoomForHalfOpen();

    private bool TryMakeRoomAmongAdopted()
    {
        if (!_contexts.TryOldest(ContextState.Adopted, long.MaxValue, out var slot))
            return false;
        _contexts.Remove(slot);
        return true;
    }

    private bool TryMakeRoomForHalfOpen() => TryMakeRoom(ContextState.AwaitingClient) || TryMakeRoom(ContextState.Dialling);

    /// <summary>
    /// Lets the oldest context of a state give way, if it is past its <see cref="NegotiationOptions.Grace"/>: a flood of SYNs that
    /// nobody completes has places for moments only, and no client that is alive loses its own.
    /// </summary>
    private bool TryMakeRoom(ContextState state)
    {
        var before = _contexts.CountOf(state);
        // Those that the relay has adopted since the last sweep are no longer waiting.
        ReleaseSettled();
        if (_contexts.CountOf(state) < before)
            return true;
        if (!_contexts.TryOldest(state, _time.GetTimestamp() - InTicks(NegotiationOptions.Grace), out var slot))
            return false;
        Release(slot, Reason.Displaced);
        return true;
    }

    private void ReleaseOlder(ContextState state, long enteredBy, Reason reason)
    {
        while (_contexts.TryOldest(state, enteredBy, out var slot))
            Release(slot, reason);
    }

    private void Forget(int slot, Reason reason, bool isTold)
    {
        End(slot, reason, isTold);
        _contexts.Remove(slot);
        Recount();
    }

    /// <summary>Tells of the end of a context, and gives its places back.</summary>
    private void End(int slot, Reason reason, bool isTold)
    {
        if (!isTold)
            _history.AddEnd(in _contexts[slot].Flow, reason);
        // The relay gives the place of a connection back that it has adopted.
        if (reason != Reason.Adopted)
            _contexts[slot].Admission?.Release();
        _sources.Remove(in _contexts[slot].Flow);
        Released.Add(reason);
    }

    private void Recount() => Volatile.Write(ref _count, _contexts.Count - _contexts.CountOf(ContextState.Adopted));

    private long InTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
