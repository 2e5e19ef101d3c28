using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.HostRole;
using Middlebox.Negotiation.Servers;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>Connections to converters for programs of this host, from their beginning until the programs' own have come. Owned by the thread of <see cref="ConverterDialler"/>.</summary>
/// <remarks>
/// Nothing is sent in the SYN: it is the converter's answer to it that tells within a known time whether there is one, and the receive window of an MPTCP connection that
/// began with Fast Open does not grow (Linux 6.18).
/// </remarks>
/// <param name="options">How connections are treated.</param>
/// <param name="congestionControl">Null for the system's.</param>
/// <param name="mark">The sockets' mark.</param>
/// <param name="reachMilliseconds">How long a converter's kernel may take to answer.</param>
/// <param name="events">Where the sockets are registered.</param>
/// <param name="servers">Learns which servers speak MPTCP.</param>
/// <param name="logger">Tells at level debug what was not connected.</param>
internal sealed class ConvertedDials(
    ProxyEngineOptions options, string? congestionControl, uint mark, int reachMilliseconds, EventSet events, ServerCapabilities servers, ILogger logger)
{
    // More than a converter waits for a server unless told otherwise (ConverterOptions.ConnectTimeout).
    private const int AnswerMilliseconds = 40_000;
    private const int ProgramMilliseconds = 10_000;

    private readonly Dictionary<uint, ConvertedDial> _dials = [];
    private readonly Dictionary<HostEndpoint, ConvertedDial> _awaited = [];
    private readonly Dictionary<HostEndpoint, byte[]> _cookies = [];
    private uint _lastNumber;

    public int Count => _dials.Count;

    /// <summary>Begins to connect to the converter.</summary>
    public void Begin(ConvertedDial dial)
    {
        var error = DownstreamSocket.Open(
            dial.Connection.Converter, source: null, mark, isForeign: false, options, congestionControl, out var socket);
        if (socket is null)
        {
            Fail(dial, OutcomeOf(error), error.ToString());
            return;
        }

        dial.Use(socket, ++_lastNumber);
        dial.Deadline = Environment.TickCount64 + reachMilliseconds;
        _dials.Add(dial.Number, dial);
        if (!events.TryAdd(socket, Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET, EventKind.Server, dial.Number))
            End(dial, ConvertedOutcome.Declined, "epoll_ctl");
    }

    /// <summary>Something has happened on a connection to a converter.</summary>
    public void Advance(uint number, uint occurred)
    {
        if (!_dials.TryGetValue(number, out var dial))
            return;
        if (dial.Stage == ConvertedDialStage.Connecting && !TryAsk(dial, occurred))
            return;
        if (dial.Answer!.TryReceive(out var refusal))
            Read(dial);
        else if (refusal != ConvertRefusal.None)
            End(dial, refusal == ConvertRefusal.ClientVanished ? ConvertedOutcome.Declined : ConvertedOutcome.Unreachable, refusal.ToString());
    }

    /// <summary>The connection for a program that has come; null if none is awaited.</summary>
    public ConvertedDial? Take(in HostEndpoint program)
    {
        if (!_awaited.Remove(program, out var dial))
            return null;
        _dials.Remove(dial.Number);
        return dial;
    }

    /// <summary>Ends what has had its time.</summary>
    /// <param name="now">Milliseconds of <see cref="Environment.TickCount64"/>.</param>
    public void EndOverdue(long now)
    {
        foreach (var dial in _dials.Values.Where(dial => dial.Deadline <= now).ToList())
        {
            if (dial.Stage == ConvertedDialStage.Ready)
            {
                _dials.Remove(dial.Number);
                Drop(dial);
            }
            else
            {
                End(dial, ConvertedOutcome.Unreachable, nameof(Errno.ETIMEDOUT));
            }
        }
    }

    /// <summary>Resets all of them.</summary>
    public void Stop()
    {
        foreach (var dial in _dials.Values.ToList())
            Drop(dial);
    }

    private bool TryAsk(ConvertedDial dial, uint occurred)
    {
        if (new Leg(dial.Socket!).TakeError() is not Errno.None and var error)
        {
            End(dial, OutcomeOf(error), error.ToString());
            return false;
        }

        if ((occurred & Libc.EPOLLOUT) == 0)
            return false;
        var message = ConnectMessage.For(dial.Connection.Flow.Server, _cookies.GetValueOrDefault(dial.Connection.Converter));
        dial.Stage = ConvertedDialStage.Asking;
        dial.Deadline = Environment.TickCount64 + AnswerMilliseconds;
        // A new connection has room for it; one that has gone says so when it is read.
        _ = Libc.send(dial.Socket!, in message[0], message.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
        return true;
    }

    private void Read(ConvertedDial dial)
    {
        if (!ConvertReply.TryRead(dial.Answer!.Octets, out var reply))
        {
            End(dial, ConvertedOutcome.Unreachable, nameof(ConvertRefusal.MalformedMessage));
            return;
        }

        switch (reply.Error)
        {
            case null:
                Learn(dial.Connection.Flow.Server, reply.ServerOptions);
                Await(dial);
                break;
            case ConvertErrorCode.MissingCookie when !dial.HasBroughtCookie && !reply.ErrorRest.IsEmpty:
                // Section 6.2.7: it is asked once more.
                _cookies[dial.Connection.Converter] = reply.ErrorRest.ToArray();
                dial.HasBroughtCookie = true;
                _dials.Remove(dial.Number);
                new Leg(dial.Socket!).Abort();
                Begin(dial);
                break;
            case var error:
                End(dial, error == ConvertErrorCode.ConnectionReset ? ConvertedOutcome.ServerRefused : ConvertedOutcome.Declined, error.ToString()!);
                break;
        }
    }

    private void Learn(in HostEndpoint server, ReadOnlySpan<byte> options)
    {
        // A converter that did not see the server's answer tells none.
        if (!options.IsEmpty)
            servers.Learn(in server, DownstreamDial.HasShownLegacy(options) ? ServerCapability.Legacy : ServerCapability.Capable);
    }

    private void Await(ConvertedDial dial)
    {
        events.Remove(dial.Socket!);
        dial.Stage = ConvertedDialStage.Ready;
        dial.Deadline = Environment.TickCount64 + ProgramMilliseconds;
        // A program that has given up, and connects once more from the same port.
        if (_awaited.TryGetValue(dial.Connection.Program, out var earlier))
            earlier.Deadline = 0;
        _awaited[dial.Connection.Program] = dial;
        dial.Tell(ConvertedOutcome.Connected);
    }

    private void End(ConvertedDial dial, ConvertedOutcome outcome, string why)
    {
        _dials.Remove(dial.Number);
        Fail(dial, outcome, why);
    }

    private void Fail(ConvertedDial dial, ConvertedOutcome outcome, string why)
    {
        ProxyEngineLog.NotConverted(logger, dial.Connection.Flow, dial.Connection.Converter, outcome, why);
        if (dial.Socket is { } socket)
            new Leg(socket).Abort();
        dial.Tell(outcome);
    }

    private void Drop(ConvertedDial dial)
    {
        if (_awaited.TryGetValue(dial.Connection.Program, out var awaited) && awaited == dial)
            _awaited.Remove(dial.Connection.Program);
        new Leg(dial.Socket!).Abort();
    }

    /// <summary>What an error of the own socket says; descriptors and ports that are used up say nothing of the converter.</summary>
    private static ConvertedOutcome OutcomeOf(Errno error) =>
        DownstreamDial.FailureOf(error, unreachable: null) == ConvertRefusal.NoSocket ? ConvertedOutcome.Declined : ConvertedOutcome.Unreachable;
}
