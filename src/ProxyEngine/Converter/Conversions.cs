using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Servers;
using Middlebox.ProxyEngine.Paths;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>The connections that are being set up, and their way from the accept to the relay or to a refusal. Owned by the converter's thread.</summary>
internal sealed class Conversions(
    ConverterOptions options,
    RelayEngine engine,
    RequestAssessor assessor,
    DownstreamDial dial,
    ServerAnswerTap tap,
    EventSet events,
    ServerCapabilities servers,
    ConverterCounters counters,
    TimeProvider time,
    ILogger logger)
{
    private const int ForgetMilliseconds = 2000;
    private const int ClosingMilliseconds = 2000;
    private const int LongestLookMilliseconds = 50;

    // More than the data of a SYN.
    private const int DiscardBytes = 16 * 1024;

    private readonly ConverterClients _clients = new(
        new ConverterClientLimits(
            options.MaxPendingPerClient, options.MaxFlowsPerClient, options.RequestsPerSecondPerClient, options.ErrorsPerSecondPerClient),
        time);
    private readonly Dictionary<uint, Conversion> _conversions = [];
    private readonly Dictionary<FlowKey, Conversion> _attempts = [];
    private readonly List<Conversion> _confirming = [];
    private readonly byte[] _answer = new byte[ConvertConstants.MaximumMessageLength];
    private readonly byte[] _discarded = new byte[DiscardBytes];
    private uint _lastNumber;
    private long _lastForgotten = Environment.TickCount64;

    public int Count => _conversions.Count;

    /// <summary>Notes what has been seen of servers' answers.</summary>
    public void NoteAnswers() => tap.Drain(_attempts);

    /// <summary>Resets all of them.</summary>
    public void Stop()
    {
        foreach (var conversion in _conversions.Values.ToList())
            Drop(conversion, ConvertRefusal.Stopped);
    }

    /// <summary>A client has connected.</summary>
    public void Begin(FileDescriptor socket, HostEndpoint client)
    {
        var conversion = new Conversion(++_lastNumber, socket, client, _clients.Find(client.Address), time.GetTimestamp());
        var refusal = conversion.Account.TryBegin() ? ConvertRefusal.None : ConvertRefusal.ClientPendingLimit;
        if (refusal == ConvertRefusal.None)
        {
            if (_conversions.Count < options.MaxPending || TryDisplace())
            {
                _conversions.Add(conversion.Number, conversion);
                Await(conversion, ConversionState.Reading, (long)options.RequestTimeout.TotalMilliseconds);
                if (events.TryAdd(socket, Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLET, EventKind.Client, conversion.Number))
                    Advance(conversion);
                else
                    Drop(conversion, ConvertRefusal.NoSocket);
                return;
            }

            conversion.Account.Settle();
            refusal = ConvertRefusal.PendingLimit;
        }

        // There is no place in which it could wait for the client to close: it is told, and closed at once.
        conversion.Discard(_discarded);
        if (ErrorFor(conversion, refusal) is { IsEmpty: false } error)
            conversion.Send(error);
        socket.Dispose();
    }

    /// <summary>Makes room by giving up the connection that has been silent for longest; false if all are being dialled.</summary>
    private bool TryDisplace()
    {
        // The oldest come first, as long as nothing has been removed: dictionaries fill gaps, so it is not exact, and need not be.
        foreach (var conversion in _conversions.Values)
        {
            if (conversion.State == ConversionState.Dialling)
                continue;
            Drop(conversion, conversion.State == ConversionState.Closing ? ConvertRefusal.None : ConvertRefusal.Displaced);
            return true;
        }

        return false;
    }

    /// <summary>Something has happened on a client's connection.</summary>
    public void HandleClient(uint number, uint occurred)
    {
        if (!_conversions.TryGetValue(number, out var conversion))
            return;
        if ((occurred & (Libc.EPOLLERR | Libc.EPOLLHUP)) != 0)
            Drop(conversion, conversion.State == ConversionState.Closing ? ConvertRefusal.None : ConvertRefusal.ClientVanished);
        else if (conversion.State == ConversionState.Reading)
            Advance(conversion);
        else if (conversion.State == ConversionState.Closing && !conversion.Discard(_discarded))
            Drop(conversion, ConvertRefusal.None);
    }

    private void Advance(Conversion conversion)
    {
        if (!conversion.TryReceive(out var refusal))
        {
            if (refusal != ConvertRefusal.None)
                Refuse(conversion, refusal);
            return;
        }

        refusal = assessor.Assess(conversion);
        if (refusal != ConvertRefusal.None)
            Refuse(conversion, refusal);
        else if (conversion.Server == default)
            AnswerQuestion(conversion);
        else
            Dial(conversion);
    }

    private void Dial(Conversion conversion)
    {
        var account = conversion.Account.Flows;
        if (!account.TryAdmit(out var limit))
        {
            Refuse(conversion, limit == Reason.FlowLimit ? ConvertRefusal.ClientFlowLimit : ConvertRefusal.ClientRateLimit);
            return;
        }

        var refusal = engine.HasRoom ? dial.Begin(conversion) : ConvertRefusal.FlowLimit;
        if (refusal != ConvertRefusal.None)
        {
            account.Release();
            Refuse(conversion, refusal);
            return;
        }

        _attempts[conversion.Attempt] = conversion;
        Await(conversion, ConversionState.Dialling, (long)options.ConnectTimeout.TotalMilliseconds);
        if (!events.TryAdd(conversion.Downstream!, Libc.EPOLLOUT | Libc.EPOLLONESHOT, EventKind.Server, conversion.Number))
            Refuse(conversion, ConvertRefusal.NoSocket);
    }

    /// <summary>A server has answered, or a connection to it has failed.</summary>
    public void HandleServer(uint number)
    {
        if (!_conversions.TryGetValue(number, out var conversion) || conversion.State != ConversionState.Dialling)
            return;
        // What came before the socket was ready has been seen before it, but may not have been looked at.
        tap.Drain(_attempts);
        var refusal = DownstreamDial.FailureOf(new Leg(conversion.Downstream!).TakeError(), conversion.UnreachableCode);
        if (refusal != ConvertRefusal.None)
        {
            Refuse(conversion, refusal);
            return;
        }

        Learn(conversion);
        var supported = conversion.AsksForExtensions ? assessor.Supported : null;
        Say(conversion, ConverterAnswer.Connected(_answer, conversion.ServerOptions, supported), thenRelay: true);
    }

    /// <summary>Looks at those clients again whose handshakes were not complete: no event tells when they are.</summary>
    public void LookAgain()
    {
        var now = Environment.TickCount64;
        for (var i = _confirming.Count - 1; i >= 0; i--)
        {
            var conversion = _confirming[i];
            if (conversion.State == ConversionState.Confirming && conversion.NextLook > now)
                continue;
            _confirming.RemoveAt(i);
            if (conversion.State == ConversionState.Confirming)
                Say(conversion, conversion.Answer, conversion.IsToBeRelayed);
        }
    }

    /// <summary>How long the thread may wait for events.</summary>
    /// <param name="most">At most.</param>
    public int PatienceMilliseconds(int most)
    {
        if (_confirming.Count == 0)
            return most;
        var next = _confirming.Min(conversion => conversion.NextLook) - Environment.TickCount64;
        return (int)Math.Clamp(next, 0, most);
    }

    /// <summary>Says something to the client, now or as soon as its handshake is complete.</summary>
    private void Say(Conversion conversion, ReadOnlySpan<byte> message, bool thenRelay)
    {
        if (!conversion.CanBeAnswered)
            Postpone(conversion, message, thenRelay);
        else if (!conversion.Send(message))
            Drop(conversion, ConvertRefusal.ClientVanished);
        else if (thenRelay)
            Relay(conversion);
        else
            Close(conversion);
    }

    private void Postpone(Conversion conversion, ReadOnlySpan<byte> message, bool thenRelay)
    {
        if (conversion.State != ConversionState.Confirming)
        {
            conversion.Answer = message.ToArray();
            conversion.IsToBeRelayed = thenRelay;
            conversion.Postponed = Environment.TickCount64;
            Await(conversion, ConversionState.Confirming, (long)options.ConnectTimeout.TotalMilliseconds);
            // The server need not wait for that.
            if (thenRelay && !conversion.TryForwardEarlyData(_discarded))
            {
                Drop(conversion, ConvertRefusal.ServerReset);
                return;
            }
        }

        // A client that is far away is looked at less often.
        var now = Environment.TickCount64;
        conversion.NextLook = now + Math.Clamp((now - conversion.Postponed) / 8, 1, LongestLookMilliseconds);
        _confirming.Add(conversion);
    }

    private void Relay(Conversion conversion)
    {
        var downstream = conversion.Downstream!;
        events.Remove(conversion.Socket);
        events.Remove(downstream);
        var flow = new FlowKey(conversion.Client, conversion.Server);
        Forget(conversion);
        var (client, server) = (new Leg(conversion.Socket), new Leg(downstream));
        if (engine.TryRelay(in flow, Reason.ConvertRequested, conversion.Account.Flows, client, server, conversion.EarlyBytes, conversion.Begun))
        {
            counters.Served.Add();
            return;
        }

        Record(conversion, ConvertRefusal.FlowLimit);
        conversion.Account.Flows.Release();
        client.Abort();
        server.Abort();
    }

    private void Learn(Conversion conversion)
    {
        var server = conversion.Server;
        if (MptcpSocket.IsMptcp(conversion.Downstream!))
            servers.Learn(in server, ServerCapability.Capable);
        else if (conversion.ServerOptions is { } options && DownstreamDial.HasShownLegacy(options))
            servers.Learn(in server, ServerCapability.Legacy);
    }

    private void AnswerQuestion(Conversion conversion)
    {
        counters.Asked.Add();
        Say(conversion, ConverterAnswer.Extensions(_answer, assessor.Supported), thenRelay: false);
    }

    /// <summary>Tells the client why, if it is to be told, and closes in order; a connection that is not answered is reset.</summary>
    private void Refuse(Conversion conversion, ConvertRefusal refusal)
    {
        var error = ErrorFor(conversion, refusal);
        ReleaseServer(conversion);
        if (error.IsEmpty)
            Drop(conversion, ConvertRefusal.None);
        else
            Say(conversion, error, thenRelay: false);
    }

    /// <summary>Counts a refusal, and writes what the client is to be told; nothing if it is to be told nothing.</summary>
    private ReadOnlySpan<byte> ErrorFor(Conversion conversion, ConvertRefusal refusal)
    {
        Record(conversion, refusal);
        if (ConvertRefusalText.CodeOf(refusal) is not { } code)
            return [];
        if (!conversion.Account.MayBeToldOfError())
        {
            counters.ErrorsWithheld.Add();
            return [];
        }

        ReadOnlySpan<byte> detail = conversion.UnreachableCode is { } unreachable ? [unreachable] : assessor.Detail;
        return ConverterAnswer.Error(_answer, code, conversion.Message, detail);
    }

    private void Record(Conversion conversion, ConvertRefusal refusal)
    {
        counters.Refused.Add(refusal);
        ProxyEngineLog.ConversionRefused(logger, conversion.Client, conversion.Server, refusal, ConvertRefusalText.Describe(refusal));
    }

    /// <summary>Ends the converter's direction, and waits a while for the client to end its own: unread bytes would make the kernel send a reset.</summary>
    private void Close(Conversion conversion)
    {
        _ = Libc.shutdown(conversion.Socket, Libc.SHUT_WR);
        Await(conversion, ConversionState.Closing, ClosingMilliseconds);
        if (!conversion.Discard(_discarded))
            Drop(conversion, ConvertRefusal.None);
    }

    /// <summary>Resets what is left of a connection.</summary>
    /// <param name="conversion">Which.</param>
    /// <param name="refusal">Counted, unless none.</param>
    private void Drop(Conversion conversion, ConvertRefusal refusal)
    {
        if (refusal != ConvertRefusal.None)
            Record(conversion, refusal);

        var isClosing = conversion.State == ConversionState.Closing;
        ReleaseServer(conversion);
        Forget(conversion);
        if (isClosing)
            conversion.Socket.Dispose();
        else
            new Leg(conversion.Socket).Abort();
    }

    private void ReleaseServer(Conversion conversion)
    {
        if (conversion.Downstream is not { } downstream)
            return;
        conversion.Downstream = null;
        _attempts.Remove(conversion.Attempt);
        conversion.Account.Flows.Release();
        new Leg(downstream).Abort();
    }

    private void Forget(Conversion conversion)
    {
        if (conversion.Downstream is not null)
            _attempts.Remove(conversion.Attempt);
        conversion.State = ConversionState.Ended;
        conversion.Account.Settle();
        _conversions.Remove(conversion.Number);
    }

    /// <summary>Ends what has had its time.</summary>
    /// <param name="now">Milliseconds of <see cref="Environment.TickCount64"/>.</param>
    public void EndOverdue(long now)
    {
        foreach (var conversion in _conversions.Values.Where(conversion => conversion.Deadline <= now).ToList())
        {
            switch (conversion.State)
            {
                case ConversionState.Reading or ConversionState.Confirming:
                    Drop(conversion, ConvertRefusal.ClientSlow);
                    break;
                case ConversionState.Dialling:
                    Refuse(conversion, ConvertRefusal.ServerSilent);
                    break;
                default:
                    Drop(conversion, ConvertRefusal.None);
                    break;
            }
        }

        if (now - _lastForgotten < ForgetMilliseconds)
            return;
        _lastForgotten = now;
        _clients.ForgetIdle();
    }

    private static void Await(Conversion conversion, ConversionState state, long milliseconds)
    {
        conversion.State = state;
        conversion.Deadline = Environment.TickCount64 + milliseconds;
    }
}
