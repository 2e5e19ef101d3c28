using System.Collections.Concurrent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Addressed;

/// <summary>
/// A connection of a host that has named its server, from the SYN until the host knows the server's own address and goes there directly: reads the keys of both
/// sides, announces the server's address in the server's name (RFC 8684 section 3.4.1), and asks both sides to keep the path over the proxy for a backup
/// (section 3.3.8). Owned by one thread.
/// </summary>
/// <remarks>
/// Nothing is sent to the server before it has proof that the client speaks MPTCP: Linux takes a first segment without data sequence signal for the end of MPTCP
/// on the connection. That holds for the client's receipt of the announcement, too.
/// </remarks>
public sealed class Promotion
{
    /// <summary>Id of the announced address: hosts count theirs up from 1.</summary>
    public const byte AddressId = 200;

    /// <summary>Octets of the longest segment that is written.</summary>
    public const int MaximumSegmentLength = IpConstants.Ipv6HeaderLength + TcpConstants.MaximumHeaderLength;

    private const int MaximumAnnouncements = 7;
    private const int SufficientProofs = 2;

    private ObservedSide _client;
    private ObservedSide _server;
    private ulong _clientKey;
    private ulong _serverKey;
    private uint _serverIsn;
    private int _proofs;
    private ConnectionContext _syn;
    private bool _isServable;

    /// <param name="addressed">The host, and the proxy's address and port that it has connected to.</param>
    /// <param name="destination">The server that it has named.</param>
    /// <param name="isn">The initial sequence number of its SYN.</param>
    public Promotion(in FlowKey addressed, DestinationOption destination, uint isn)
    {
        Addressed = addressed;
        Destination = destination;
        Isn = isn;
    }

    /// <summary>The connection as the host sees it.</summary>
    public FlowKey Addressed { get; }

    public DestinationOption Destination { get; }

    public HostEndpoint Server => Destination.Server;

    /// <summary>Where the client is told to open a subflow: the server, with the proxy's port for a host that translates it back.</summary>
    public HostEndpoint Announced => Destination.IsTransparent ? Server with { Port = Addressed.Server.Port } : Server;

    /// <summary>
    /// Whether the client is to be told in the SYN/ACK not to open subflows to where it has connected, which is the proxy (C flag, RFC 8684 section 3.1).
    /// </summary>
    public bool DeniesJoins => !Destination.IsTransparent && State == PromotionState.AwaitingKeys;

    /// <summary>The connection as it is forwarded: the host and its server.</summary>
    public FlowKey Route => new(Addressed.Client, Server);

    /// <summary>The address and port that the server sees; known before anything is sent to it.</summary>
    public HostEndpoint Translated { get; set; }

    public uint Isn { get; }

    public PromotionState State { get; private set; }

    /// <summary>How often the address was announced.</summary>
    public int Announcements { get; private set; }

    /// <summary>Whether nothing more is to come.</summary>
    public bool IsOver => State >= PromotionState.Promoted;

    /// <summary>What became of it, once it is over.</summary>
    public Reason Outcome => State switch
    {
        PromotionState.Promoted => Reason.HostKnowsServer,
        PromotionState.Unconfirmed => Reason.AnnouncementUnconfirmed,
        PromotionState.Plain => Reason.RelayedAsTcp,
        PromotionState.Acted => Reason.NamedServerLegacy,
        PromotionState.Undesired => Reason.ServerDeniesJoins,
        PromotionState.Ended => Reason.NotPromoted,
        _ => Reason.None,
    };

    /// <summary>How long to wait for the receipt of the last announcement.</summary>
    public TimeSpan Patience => TimeSpan.FromMilliseconds(200 << Math.Max(0, Announcements - 1));

    /// <summary>Ends it without success.</summary>
    public void End() => State = IsOver ? State : PromotionState.Ended;

    /// <summary>Keeps the SYN as the host's kernel has made it, for the case that the server does not speak MPTCP.</summary>
    /// <param name="syn">Without the option that names the server.</param>
    /// <param name="begun">Time stamp of the clock.</param>
    public void Remember(in TcpPacket syn, long begun)
    {
        var options = HandshakeOptions.Read(syn.Options);
        _isServable = SynAssessment.ReasonToBypass(in syn, in options, knowsClaimBit: false) == Reason.None;
        _syn.Remember(in syn, in options);
        _syn.Flow = Addressed;
        _syn.Begun = begun;
    }

    /// <summary>Whether a segment that is forwarded tells that the server does not speak MPTCP, and that the box could in its place.</summary>
    public bool IsLegacyAnswer(in TcpPacket segment)
    {
        if (!_isServable || State != PromotionState.AwaitingSynAck
            || (segment.Flags & (TcpFlags.SynAck | TcpFlags.Rst | TcpFlags.Fin)) != TcpFlags.SynAck || segment.Acknowledgment != unchecked(Isn + 1))
            return false;
        var options = HandshakeOptions.Read(segment.Options);
        return options.MpCapable == MpCapableKind.None && !options.Malformed;
    }

    /// <summary>The handshakes of both sides, for the box to act on.</summary>
    /// <param name="synAck">An <see cref="IsLegacyAnswer"/>.</param>
    /// <param name="settled">Told when it is settled.</param>
    public Handshake ToHandshake(in TcpPacket synAck, ConcurrentQueue<Handshake> settled) =>
        new(in _syn, new FlowKey(Translated, Server), in synAck, settled);

    /// <summary>Ends it because the box acts.</summary>
    public void Act() => State = PromotionState.Acted;

    /// <summary>Looks at a segment that is forwarded, in its order.</summary>
    public void Observe(in TcpPacket segment, bool isFromClient)
    {
        if (IsOver)
            return;
        if ((segment.Flags & TcpFlags.Rst) != 0)
        {
            State = PromotionState.Ended;
            return;
        }

        if (isFromClient)
            ObserveClient(in segment);
        else
            ObserveServer(in segment);
    }

    /// <summary>Counts an announcement that is about to be sent; false if it was sent often enough, and that is the end.</summary>
    public bool TryAnnounce()
    {
        if (Announcements == MaximumAnnouncements)
            State = PromotionState.Unconfirmed;
        else
            Announcements++;
        return !IsOver;
    }

    /// <summary>Writes the announcement, a segment from the server to the client.</summary>
    /// <param name="packet">At least <see cref="MaximumSegmentLength"/> octets.</param>
    /// <returns>Octets of the packet.</returns>
    public int WriteAnnouncement(Span<byte> packet)
    {
        var announcement = new AddAddress(
            AddressId, Announced.Address, Announced.Port, AddAddressHmac.Compute(_serverKey, _clientKey, AddressId, Announced));
        Span<byte> options = stackalloc byte[TcpConstants.MaximumOptionsLength];
        // An IPv6 address has no room beside timestamps, without which Linux takes a segment all the same, and sends its own.
        var length = _server.HasTimestamps && Server.Address.IsIpv4 ? _server.WriteTimestamps(options) : 0;
        length += announcement.Write(options[length..]);
        return Write(packet, Addressed.Reversed, in _server, options[..length]);
    }

    /// <summary>Writes the request to the client to send over the proxy only when nothing else works. Parameters as above.</summary>
    public int WritePriorityToClient(Span<byte> packet) => WritePriority(packet, Addressed.Reversed, in _server);

    /// <summary>The same to the server, from <see cref="Translated"/>.</summary>
    public int WritePriorityToServer(Span<byte> packet) => WritePriority(packet, new FlowKey(Translated, Server), in _client);

    private static int WritePriority(Span<byte> packet, in FlowKey direction, in ObservedSide side)
    {
        Span<byte> options = stackalloc byte[TcpConstants.MaximumOptionsLength];
        var length = side.HasTimestamps ? side.WriteTimestamps(options) : 0;
        length += new MpPriority(IsBackup: true).Write(options[length..]);
        return Write(packet, direction, in side, options[..length]);
    }

    private static int Write(Span<byte> packet, in FlowKey direction, in ObservedSide side, ReadOnlySpan<byte> options) => TcpSegmentWriter.Write(
        packet, new TcpSegmentFields(direction.Client, direction.Server, side.Next, side.Acknowledged, TcpFlags.Ack, side.Window), options, []);

    private void ObserveServer(in TcpPacket segment)
    {
        _server.Observe(in segment);
        if (State == PromotionState.AwaitingSynAck)
            ReadSynAck(in segment);
        // An acknowledgment of what the client has sent behind its handshake.
        else if (State == PromotionState.AwaitingProof && (int)(segment.Acknowledgment - (Isn + 1)) > 0)
            State = PromotionState.Announcing;
    }

    private void ReadSynAck(in TcpPacket segment)
    {
        if ((segment.Flags & TcpFlags.SynAck) != TcpFlags.SynAck)
            return;
        _serverIsn = segment.Sequence;
        State = PromotionState.Plain;
        var reader = new TcpOptionReader(segment.Options);
        while (reader.MoveNext())
        {
            if (!MpCapable.TryRead(reader.Bytes, out var capable) || !capable.HasSenderKey || capable.Version != MptcpConstants.Version1)
                continue;
            _serverKey = capable.SenderKey;
            State = (capable.Flags & MpCapableFlags.DenyJoinInitialAddress) == 0 ? PromotionState.AwaitingKeys : PromotionState.Undesired;
        }
    }

    private void ObserveClient(in TcpPacket segment)
    {
        _client.Observe(in segment);
        if ((segment.Flags & TcpFlags.Ack) == 0)
            return;
        switch (State)
        {
            case PromotionState.AwaitingKeys when segment.Acknowledgment == _serverIsn + 1:
                State = TryReadKeys(segment.Options) ? PromotionState.AwaitingProof : PromotionState.Plain;
                break;
            case PromotionState.AwaitingProof when HasDataAcknowledgment(segment.Options):
                _proofs++;
                if (_proofs == SufficientProofs)
                    State = PromotionState.Announcing;
                break;
            case PromotionState.Announcing when HasReceipt(segment.Options):
                State = PromotionState.Promoted;
                break;
        }
    }

    private bool TryReadKeys(ReadOnlySpan<byte> options)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (!MpCapable.TryRead(reader.Bytes, out var capable) || !capable.HasReceiverKey || capable.ReceiverKey != _serverKey)
                continue;
            _clientKey = capable.SenderKey;
            return true;
        }

        return false;
    }

    private static bool HasDataAcknowledgment(ReadOnlySpan<byte> options)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (Dss.TryRead(reader.Bytes, out var dss) && (dss.Flags & DssFlags.HasDataAck) != 0)
                return true;
        }

        return false;
    }

    private static bool HasReceipt(ReadOnlySpan<byte> options)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (AddAddress.TryRead(reader.Bytes, out var receipt) && receipt is { IsEcho: true, AddressId: AddressId })
                return true;
        }

        return false;
    }
}
