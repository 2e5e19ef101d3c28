using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>
/// A relayed connection: the client's leg and the server's, one of them usually MPTCP, and a pump in each direction. Driven by one
/// relay thread; the properties may be read by any.
/// </summary>
/// <param name="survival">Where it is written down.</param>
/// <param name="record">Its slot there.</param>
/// <param name="drainMilliseconds">See <see cref="ProxyEngineOptions.DrainTimeout"/>.</param>
/// <param name="age">How long an earlier daemon has relayed it.</param>
internal sealed class Flow(
    FlowIdentity identity, Leg client, Leg server, FlowSurvival survival, int record, long drainMilliseconds, TimeSpan age = default)
{
    private readonly Pump _up = new(client, server, record, isUp: true, survival.Ledger[record].Up.Sent);
    private readonly Pump _down = new(server, client, record, isUp: false, survival.Ledger[record].Down.Sent);
    private readonly long _begun = Environment.TickCount64 - (long)age.TotalMilliseconds;
    private FlowEnd _failure;
    private Pump? _lastWords;
    private long _drainBy;

    public FlowKey Key => identity.Key;

    /// <summary>This box's claim of the connection; null if it acted by the implicit scheme.</summary>
    public ProxyClaim? Claim => identity.Claim;

    /// <summary>The place among a rule's connections, to be given back at the end; null if there is no limit.</summary>
    public FlowAdmission? Admission => identity.Admission;

    /// <inheritdoc cref="FlowIdentity.IsOnPath"/>
    public bool IsOnPath => identity.IsOnPath;

    /// <summary>Why the box acts.</summary>
    public Reason Reason => identity.Reason;

    public Leg Client => client;

    public Leg Server => server;

    /// <summary>The leg that speaks MPTCP unless it has fallen back: the client's, or that towards a server which the box dialled.</summary>
    public Leg MptcpLeg => identity.IsMptcpTowardsServer ? server : client;

    /// <summary>Whether that leg completed the handshake with MPTCP. It may still fall back (RFC 8684 section 3.7).</summary>
    public bool IsMptcp => identity.IsMptcp;

    /// <summary>The token of the client's MPTCP connection.</summary>
    public uint? Token => identity.Token;

    public DateTimeOffset Since => identity.Since;

    /// <summary>How long it has been relayed, by a clock that nobody sets.</summary>
    public TimeSpan Age => TimeSpan.FromMilliseconds(Environment.TickCount64 - _begun);

    public long BytesUp => _up.Moved;

    public long BytesDown => _down.Moved;

    /// <summary>Its slot in the ledger.</summary>
    public int Record => record;

    /// <summary>Index in the table of the relay thread.</summary>
    public int Slot { get; set; }

    /// <summary>Whether the flow waits in the thread's queue for its next turn.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether the thread looks at the flow, which is draining, without waiting for events.</summary>
    public bool IsWatched { get; set; }

    /// <summary>When a byte last moved, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long LastActive { get; set; } = Environment.TickCount64;

    /// <summary>When its MPTCP connection is to be asked next whether it has subflows, in the same milliseconds.</summary>
    public long NextLook { get; set; }

    /// <summary>Since when it has none; null if it has.</summary>
    public long? AbsentSince { get; set; }

    /// <summary>The error by which a leg has failed, if one has.</summary>
    public Errno Error { get; private set; }

    /// <summary>Whether one leg has failed, and what it had said before is still on its way to the other.</summary>
    public bool IsDraining => _failure != FlowEnd.None;

    /// <summary>Moves what can be moved in both directions.</summary>
    /// <param name="journal">The thread's.</param>
    /// <param name="hasMore">Whether the flow wants another turn without waiting for an event.</param>
    /// <returns><see cref="FlowEnd.None"/> as long as the flow goes on.</returns>
    public FlowEnd Run(RelayJournal journal, out bool hasMore)
    {
        if (!IsDraining)
        {
            var up = _up.Run(journal);
            var down = up.Stop is PumpStop.SourceFailed or PumpStop.SinkFailed ? default : _down.Run(journal);
            hasMore = up.Stop == PumpStop.BudgetSpent || down.Stop == PumpStop.BudgetSpent;
            if (up.Stop is PumpStop.SourceFailed || down.Stop is PumpStop.SinkFailed)
                FailClient(up.Stop is PumpStop.SourceFailed ? up.Error : down.Error);
            else if (up.Stop is PumpStop.SinkFailed || down.Stop is PumpStop.SourceFailed)
                FailServer(up.Stop is PumpStop.SinkFailed ? up.Error : down.Error);
            else
                return _up.Finished && _down.Finished ? FlowEnd.Finished : FlowEnd.None;
        }

        return Drain(journal, out hasMore);
    }

    /// <summary>Looks for an error that neither direction would meet, because it has finished or waits for the other leg.</summary>
    /// <returns><see cref="FlowEnd.None"/> as long as the flow goes on, if only to drain.</returns>
    public FlowEnd CheckErrors()
    {
        var clientError = client.TakeError();
        var serverError = server.TakeError();
        if (IsDraining)
            return (_lastWords == _up ? serverError : clientError) == Errno.None ? FlowEnd.None : _failure;
        if (clientError != Errno.None)
            FailClient(clientError);
        else if (serverError != Errno.None)
            FailServer(serverError);
        return FlowEnd.None;
    }

    /// <summary>Goes on from where an earlier daemon was with a flow of which a leg had failed.</summary>
    public void ResumeDraining(FlowEnd failure)
    {
        var isClients = failure is FlowEnd.ClientReset or FlowEnd.ClientTimedOut or FlowEnd.ClientError;
        Fail(Errno.None, isClients ? _up : _down, failure);
    }

    /// <summary>To be called before the first byte moves: a flow that ends before its time ends with a reset on both sides.</summary>
    public void ResetOnClose()
    {
        client.ResetOnClose();
        server.ResetOnClose();
    }

    /// <summary>Closes both legs: orderly when finished, with a reset otherwise, so that neither peer waits for the other.</summary>
    public void Close(FlowEnd end)
    {
        if (end == FlowEnd.Finished)
        {
            client.Close();
            server.Close();
        }
        else
        {
            client.Abort(survival.IsShared);
            server.Abort(survival.IsShared);
        }
    }

    /// <summary>
    /// A leg has failed. What its peer had said before, and the kernel has acknowledged, is delivered before the other side
    /// is reset, as it would have been without the box: a server's refusal, say, of a request that it did not read.
    /// </summary>
    private void Fail(Errno error, Pump lastWords, FlowEnd failure)
    {
        Error = error;
        _failure = failure;
        _lastWords = lastWords;
        lastWords.SourceHasFailed = true;
        // Another daemon must not take the end of what was said for the end of the stream.
        survival.Ledger[record].Failure = failure;
        _drainBy = Environment.TickCount64 + drainMilliseconds;
    }

    /// <returns><see cref="FlowEnd.None"/> until the other side has acknowledged everything, or has had its time.</returns>
    private FlowEnd Drain(RelayJournal journal, out bool hasMore)
    {
        var result = _lastWords!.Run(journal);
        hasMore = result.Stop == PumpStop.BudgetSpent;
        var isDelivered = _lastWords.Finished && (_lastWords == _up ? server : client).UnacknowledgedBytes == 0;
        return isDelivered || result.Stop == PumpStop.SinkFailed || Environment.TickCount64 >= _drainBy
            ? _failure
            : FlowEnd.None;
    }

    private void FailClient(Errno error) => Fail(error, _up, error switch
    {
        Errno.ECONNRESET or Errno.EPIPE => FlowEnd.ClientReset,
        Errno.ETIMEDOUT => FlowEnd.ClientTimedOut,
        _ => FlowEnd.ClientError,
    });

    private void FailServer(Errno error) => Fail(error, _down, error switch
    {
        Errno.ECONNRESET or Errno.EPIPE => FlowEnd.ServerReset,
        Errno.ETIMEDOUT => FlowEnd.ServerTimedOut,
        _ => FlowEnd.ServerError,
    });
}
