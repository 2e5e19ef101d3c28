using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.ProxyEngine.Listeners;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Survival;

/// <summary>
/// What of the relayed connections outlives this process: their records in the ledger, and, if there is a keeper, duplicates of their sockets and
/// of the listeners in its hands. A new daemon gets them back and goes on. Any thread may call.
/// </summary>
/// <remarks>
/// A flow is written down before its sockets are handed over, and struck off before they are released: a record without sockets and sockets
/// without a record are of flows that have not begun or have ended.
/// </remarks>
public sealed class FlowSurvival
{
    // Numbers under which the keeper holds descriptors: flows have those of their slots.
    private const uint Listener = 0x4000_0000;
    private const uint Memory = 0x8000_0000;

    // Far longer than a keeper that runs needs to read a message.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly DescriptorChannel? _keeper;
    private readonly ILogger _logger;
    private readonly Dictionary<int, (FileDescriptor Client, FileDescriptor Server)> _flows = [];
    private readonly Dictionary<ListenerKey, FileDescriptor> _listeners = [];
    private int _isLost;
    private bool _hasStandIn;

    /// <param name="keeper">The channel to the keeper, if this process has one; waits for what it holds.</param>
    /// <param name="maxFlows">Flows for which there is to be room.</param>
    /// <param name="logger">Where to tell.</param>
    /// <exception cref="ErrnoException">There is no memory.</exception>
    public FlowSurvival(DescriptorChannel? keeper, int maxFlows, ILogger<FlowSurvival> logger)
    {
        _keeper = keeper;
        _logger = logger;
        Ledger = TakeOver(maxFlows) ?? FlowLedger.Create(maxFlows);
        if (_keeper is null)
            return;
        _keeper.LimitPatience(Patience);
        Tell(new KeeperMessage(KeeperMessageKind.Hold, Memory), Ledger.Descriptor);
    }

    /// <summary>Whether an earlier daemon has served, and been followed by this one without an orderly end.</summary>
    public bool IsSuccession { get; private set; }

    /// <summary>Whether somebody else holds the sockets too, so that closing them here does not end a connection.</summary>
    public bool IsShared => _keeper is not null && Volatile.Read(ref _isLost) == 0;

    internal FlowLedger Ledger { get; }

    /// <summary>Has the keeper let a queue's packets pass while this process does not take them.</summary>
    /// <param name="queue">Number of the queue.</param>
    /// <param name="socket">The queue's socket.</param>
    /// <param name="tally">Memory where he counts.</param>
    public void ShareQueue(ushort queue, FileDescriptor socket, FileDescriptor tally)
    {
        if (_hasStandIn)
            Tell(new KeeperMessage(KeeperMessageKind.StandIn, queue), socket, tally);
    }

    /// <summary>The start gets on: a step of it is done, however long that has taken.</summary>
    public void GetOn() => Tell(new KeeperMessage(KeeperMessageKind.Starting, 0));

    /// <summary>The daemon goes round, and is to be replaced if it does not say so again in time.</summary>
    /// <param name="patience">Whole seconds, at least one.</param>
    public void Live(TimeSpan patience)
    {
        if (_hasStandIn)
            Tell(new KeeperMessage(KeeperMessageKind.Living, (uint)patience.TotalSeconds));
    }

    /// <summary>The daemon serves; to be said once.</summary>
    public void BeginServing() => Tell(new KeeperMessage(KeeperMessageKind.Serving, 0));

    /// <summary>The daemon is about to end, for another one to go on.</summary>
    public void Retire() => Tell(new KeeperMessage(KeeperMessageKind.Retiring, 0));

    /// <summary>The listeners of the daemon before; the caller's from now on.</summary>
    internal IReadOnlyDictionary<ListenerKey, FileDescriptor> Listeners => _listeners;

    /// <summary>The flows of the daemon before; their sockets are the caller's from now on.</summary>
    internal IEnumerable<(int Slot, FileDescriptor Client, FileDescriptor Server)> TakeFlows()
    {
        foreach (var slot in Ledger.LiveSlots().Where(slot => !_flows.ContainsKey(slot)).ToList())
            Strike(slot);
        foreach (var (slot, (client, server)) in _flows)
        {
            if (Ledger[slot].IsLive)
            {
                yield return (slot, client, server);
                continue;
            }

            // It has ended, and the keeper was not told any more.
            Tell(new KeeperMessage(KeeperMessageKind.Release, (uint)slot));
            client.Dispose();
            server.Dispose();
        }

        _flows.Clear();
    }

    /// <summary>Writes down a flow that begins, and has its sockets held.</summary>
    /// <returns>False if there is no room.</returns>
    internal bool TryBegin(FlowIdentity flow, Leg client, Leg server, out int slot)
    {
        if (!Ledger.TryAdd(FlowRecord.Of(flow), out slot))
            return false;
        Tell(new KeeperMessage(KeeperMessageKind.Hold, (uint)slot), client.Socket, server.Socket);
        return true;
    }

    /// <summary>A flow has ended, and its sockets are closed here.</summary>
    internal void End(int slot) => Strike(slot);

    internal void Hold(TransparentListener listener) =>
        Tell(new KeeperMessage(KeeperMessageKind.Hold, Listener | listener.Key.Number), listener.Socket);

    internal void Release(TransparentListener listener) =>
        Tell(new KeeperMessage(KeeperMessageKind.Release, Listener | listener.Key.Number));

    private void Strike(int slot)
    {
        Ledger.Strike(slot);
        Tell(new KeeperMessage(KeeperMessageKind.Release, (uint)slot));
        Ledger.Recycle(slot);
    }

    private FlowLedger? TakeOver(int maxFlows)
    {
        FlowLedger? ledger = null;
        while (_keeper is not null)
        {
            if (!_keeper.TryReceive(out KeeperMessage message, out var descriptors))
                throw new ErrnoException("recvmsg", Errno.EPIPE);
            switch (message)
            {
                case { Kind: KeeperMessageKind.Complete }:
                    IsSuccession = message.Number > 0;
                    if (IsSuccession && ledger is null)
                        Forget();
                    return ledger;
                case { Kind: KeeperMessageKind.StandIn }:
                    _hasStandIn = true;
                    break;
                case { Kind: KeeperMessageKind.Hold, Number: Memory } when descriptors is [var memory]:
                    ledger = FlowLedger.Open(memory, maxFlows);
                    break;
                case { Kind: KeeperMessageKind.Hold, Number: >= Listener and < Memory } when descriptors is [var listener]:
                    _listeners[ListenerKey.FromNumber(message.Number & ~Listener)] = listener;
                    break;
                case { Kind: KeeperMessageKind.Hold } when descriptors is [var client, var server]:
                    _flows[(int)message.Number] = (client, server);
                    break;
            }
        }

        return null;
    }

    /// <summary>Without their records there is no going on with the flows: they end with a reset.</summary>
    private void Forget()
    {
        foreach (var (slot, (client, server)) in _flows)
        {
            new Leg(client).Abort(isShared: true);
            new Leg(server).Abort(isShared: true);
            Tell(new KeeperMessage(KeeperMessageKind.Release, (uint)slot));
        }

        SurvivalLog.Forgotten(_logger, _flows.Count);
        _flows.Clear();
    }

    private void Tell(KeeperMessage message, params ReadOnlySpan<FileDescriptor> descriptors)
    {
        if (!IsShared)
            return;
        var error = _keeper!.Send(in message, descriptors);
        // Serving goes on without it; but the next daemon will know nothing of these flows.
        if (error != Errno.None && Interlocked.Exchange(ref _isLost, 1) == 0)
            SurvivalLog.KeeperLost(_logger, error);
    }
}
