using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation;

/// <summary>
/// A connection that this box acts on, between the server's SYN/ACK and the completed handshake of the client: all that
/// is needed to answer the client in the server's name and to take over the server's half.
/// </summary>
/// <remarks>
/// Made by the thread that owns the context, settled once: by the relay, when the client has completed its handshake, or
/// by the owner, when it has not in time. Whoever settles first wins; the loser leaves the connection alone.
/// </remarks>
public sealed class Handshake
{
    private readonly ConcurrentQueue<Handshake> _settled;
    private SynOptionBytes _synOptions;
    private readonly byte _synOptionLength;
    private readonly TcpFlags _synFlags;
    private readonly byte _synTrafficClass;
    private int _outcome;

    /// <summary>A connection whose server has answered the client's own SYN.</summary>
    internal Handshake(in ConnectionContext context, in TcpPacket synAck, ConcurrentQueue<Handshake> settled)
        : this(in context, settled, isDialled: false)
    {
        ServerIsn = synAck.Sequence;
        ServerWindow = synAck.Window;
        ServerOptions = HandshakeOptions.Read(synAck.Options);
    }

    /// <summary>A connection whose client has named the server in its SYN to the box, and whose server has answered the SYN that was translated.</summary>
    internal Handshake(in ConnectionContext context, in FlowKey atServer, in TcpPacket synAck, ConcurrentQueue<Handshake> settled)
        : this(in context, in synAck, settled) => ServerFlow = atServer;

    /// <summary>A connection whose server is dialled by the box.</summary>
    internal Handshake(in ConnectionContext context, ConcurrentQueue<Handshake> settled)
        : this(in context, settled, isDialled: true)
    {
    }

    private Handshake(in ConnectionContext context, ConcurrentQueue<Handshake> settled, bool isDialled)
    {
        IsDialled = isDialled;
        _settled = settled;
        _synOptions = context.SynOptions;
        _synOptionLength = context.SynOptionLength;
        _synFlags = context.SynFlags;
        _synTrafficClass = context.SynTrafficClass;
        Flow = ServerFlow = context.Flow;
        Begun = context.Begun;
        ClientIsn = context.ClientIsn;
        ClientWindow = context.SynWindow;
        ClientOptions = HandshakeOptions.Read(SynOptions);
        Admission = context.Admission;
        Claim = context.ClaimedBy is { } settings ? new ProxyClaim(settings.ProxyId, context.Preference) : null;
        RemoveClaim(ClientOptions);
    }

    /// <summary>Most bytes that <see cref="WriteSyn"/> writes.</summary>
    public const int MaximumSynLength = 40 + 60;

    /// <summary>
    /// Whether the client does not speak MPTCP and the box connects to the server by itself. What is said of the server is empty then.
    /// </summary>
    public bool IsDialled { get; }

    /// <summary>The connection as the client sees it.</summary>
    public FlowKey Flow { get; }

    /// <summary>The connection as the server sees it: the same, unless the client has named the server to the box.</summary>
    public FlowKey ServerFlow { get; }

    /// <summary>The client, and the server that it means.</summary>
    public FlowKey Route => new(Flow.Client, ServerFlow.Server);

    /// <summary>Whether the client has connected to an address of the box, and named the server in its SYN.</summary>
    public bool IsAddressed => ServerFlow != Flow;

    /// <summary>Time stamp of the negotiator's clock when the client's first SYN was seen.</summary>
    public long Begun { get; }

    /// <summary>Initial sequence number of the client.</summary>
    public uint ClientIsn { get; }

    /// <summary>Initial sequence number of the server.</summary>
    public uint ServerIsn { get; }

    /// <summary>Window of the client's SYN in bytes; the window of a SYN is never scaled (RFC 7323 section 2.2).</summary>
    public ushort ClientWindow { get; }

    /// <summary>Window of the server's SYN/ACK in bytes, unscaled as well.</summary>
    public ushort ServerWindow { get; }

    public HandshakeOptions ClientOptions { get; }

    public HandshakeOptions ServerOptions { get; }

    /// <summary>This box's claim of the connection; null if it acts by the implicit scheme.</summary>
    public ProxyClaim? Claim { get; }

    /// <summary>The place among a rule's connections, given back by whoever ends this one; null if there is no limit.</summary>
    public FlowAdmission? Admission { get; }

    /// <summary><see cref="Reason.None"/> until settled.</summary>
    public Reason Outcome => (Reason)Volatile.Read(ref _outcome);

    private ReadOnlySpan<byte> SynOptions =>
        MemoryMarshal.CreateReadOnlySpan(in _synOptions[0], _synOptionLength);

    /// <summary>Ends the handshake with <paramref name="outcome"/>; false if somebody else has ended it already.</summary>
    public bool TrySettle(Reason outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, (int)outcome, (int)Reason.None) != (int)Reason.None)
            return false;
        _settled.Enqueue(this);
        return true;
    }

    /// <summary>
    /// Writes the client's SYN as an IP packet, for the box's own kernel: same addresses, numbers and TCP options, bare of
    /// IP options and extension headers, which concern only the path.
    /// </summary>
    /// <returns>Bytes written.</returns>
    public int WriteSyn(Span<byte> packet)
    {
        var fields = new TcpSegmentFields
        {
            Source = Flow.Client,
            Destination = Flow.Server,
            Sequence = ClientIsn,
            Flags = _synFlags,
            Window = ClientWindow,
            TrafficClass = _synTrafficClass,
        };
        return TcpSegmentWriter.Write(packet, in fields, SynOptions, []);
    }

    /// <summary>
    /// Writes the RST with which the client's end of the half-open connection is given up towards the server
    /// (RFC 9293 section 3.10.7.4: a RST at the expected sequence number is believed).
    /// </summary>
    /// <returns>Bytes written.</returns>
    public int WriteReset(Span<byte> packet) => WriteReset(packet, ServerFlow);

    /// <summary>Writes the RST with which the client gives up the connection towards the box's own kernel.</summary>
    /// <returns>Bytes written.</returns>
    public int WriteClientReset(Span<byte> packet) => WriteReset(packet, Flow);

    private int WriteReset(Span<byte> packet, in FlowKey flow)
    {
        var fields = new TcpSegmentFields
        {
            Source = flow.Client,
            Destination = flow.Server,
            Sequence = unchecked(ClientIsn + 1),
            Flags = TcpFlags.Rst,
            TrafficClass = _synTrafficClass,
        };
        return TcpSegmentWriter.Write(packet, in fields, [], []);
    }

    /// <summary>
    /// A claim that another proxy has put into the SYN is not for the box's own kernel, which would not take MP_CAPABLE with the bit set.
    /// </summary>
    private void RemoveClaim(in HandshakeOptions options)
    {
        if (options.MpCapableLength > MptcpConstants.CapableFlagsOffset)
            _synOptions[options.MpCapableOffset + MptcpConstants.CapableFlagsOffset] &= (byte)~MpCapableFlags.Extensibility;
        for (var rest = options; rest.ClaimLength > 0; rest = HandshakeOptions.Read(SynOptions))
            ((Span<byte>)_synOptions).Slice(rest.ClaimOffset, rest.ClaimLength).Fill((byte)TcpOptionKind.NoOperation);
    }
}
