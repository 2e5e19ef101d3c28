using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>
/// A relayed connection: the client's leg, usually MPTCP, the server's leg, and a pump in each direction. Driven by one
/// relay thread; the properties may be read by any.
/// </summary>
internal sealed class Flow(Handshake handshake, Leg client, Leg server, bool isMptcp, uint? token, DateTimeOffset since)
{
    private readonly Pump _up = new(client, server);
    private readonly Pump _down = new(server, client);
    private readonly long _begun = Environment.TickCount64;

    public FlowKey Key { get; } = handshake.Flow;

    /// <summary>This box's claim of the connection; null if it acted by the implicit scheme.</summary>
    public ProxyClaim? Claim { get; } = handshake.Claim;

    /// <summary>The place among a rule's connections, to be given back at the end; null if there is no limit.</summary>
    public FlowAdmission? Admission { get; } = handshake.Admission;

    public Leg Client => client;

    public Leg Server => server;

    /// <summary>Whether the client completed the handshake with MPTCP. It may still fall back (RFC 8684 section 3.7).</summary>
    public bool IsMptcp => isMptcp;

    /// <summary>The token of the client's MPTCP connection.</summary>
    public uint? Token => token;

    public DateTimeOffset Since => since;

    /// <summary>How long it has been relayed, by a clock that nobody sets.</summary>
    public TimeSpan Age => TimeSpan.FromMilliseconds(Environment.TickCount64 - _begun);

    public long BytesUp => _up.Moved;

    public long BytesDown => _down.Moved;

    /// <summary>Index in the table of the relay thread.</summary>
    public int Slot { get; set; }

    /// <summary>Whether the flow waits in the thread's queue for its next turn.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Time stamp of the last event, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long LastActive { get; set; } = Environment.TickCount64;

    /// <summary>Moves what can be moved in both directions.</summary>
    /// <param name="buffer">The thread's own buffer.</param>
    /// <param name="hasMore">Whether the flow wants another turn without waiting for an event.</param>
    /// <returns><see cref="FlowEnd.None"/> as long as the flow goes on.</returns>
    public FlowEnd Run(Span<byte> buffer, out bool hasMore)
    {
        var up = _up.Run(buffer);
        var down = up.Stop is PumpStop.SourceFailed or PumpStop.SinkFailed ? default : _down.Run(buffer);
        hasMore = up.Stop == PumpStop.BudgetSpent || down.Stop == PumpStop.BudgetSpent;
        if (up.Stop is PumpStop.SourceFailed || down.Stop is PumpStop.SinkFailed)
            return EndOfClient(up.Stop is PumpStop.SourceFailed ? up.Error : down.Error);
        if (up.Stop is PumpStop.SinkFailed || down.Stop is PumpStop.SourceFailed)
            return EndOfServer(up.Stop is PumpStop.SinkFailed ? up.Error : down.Error);
        return _up.Finished && _down.Finished ? FlowEnd.Finished : FlowEnd.None;
    }

    /// <summary>Looks for an error that neither direction would meet, because it has finished or waits for the other leg.</summary>
    public FlowEnd CheckErrors()
    {
        if (client.TakeError() is not Errno.None and var clientError)
            return EndOfClient(clientError);
        return server.TakeError() is not Errno.None and var serverError ? EndOfServer(serverError) : FlowEnd.None;
    }

    /// <summary>Closes both legs: orderly when finished, with a reset otherwise, so that neither peer waits for the other.</summary>
    public void Close(FlowEnd end)
    {
        _up.Discard();
        _down.Discard();
        if (end == FlowEnd.Finished)
        {
            client.Socket.Dispose();
            server.Socket.Dispose();
        }
        else
        {
            client.Abort();
            server.Abort();
        }
    }

    private static FlowEnd EndOfClient(Errno error) => error switch
    {
        Errno.ECONNRESET or Errno.EPIPE => FlowEnd.ClientReset,
        Errno.ETIMEDOUT => FlowEnd.ClientTimedOut,
        _ => FlowEnd.ClientError,
    };

    private static FlowEnd EndOfServer(Errno error) => error switch
    {
        Errno.ECONNRESET or Errno.EPIPE => FlowEnd.ServerReset,
        Errno.ETIMEDOUT => FlowEnd.ServerTimedOut,
        _ => FlowEnd.ServerError,
    };
}
