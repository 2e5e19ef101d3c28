using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Contexts;

/// <summary>
/// What a box remembers of a connection's initial subflow before it acts: the client's SYN, but for its IP header.
/// A slot of <see cref="ContextTable"/>, which owns the links at the end.
/// </summary>
internal struct ConnectionContext
{
    public FlowKey Flow;
    public Handshake? Handshake;
    public uint ClientIsn;
    public ushort SynWindow;
    public TcpFlags SynFlags;
    public byte SynTrafficClass;
    public byte SynOptionLength;
    public byte Repeats;
    public bool MpCapableRemoved;

    /// <summary>
    /// Whether MP_CAPABLE was removed only after the server had had the time to answer. Copies of one SYN in quick succession - a path that
    /// duplicates, a hostile client - say nothing of the server.
    /// </summary>
    public bool RemovedAfterSilence;

    public SynTimestamps Timestamps;

    /// <summary>Whether the client does not speak MPTCP, and the box has offered it to the server in the client's SYN.</summary>
    public bool OffersMptcp;

    /// <summary>How the connection was claimed; null if it was not, and the implicit scheme decides.</summary>
    public ExplicitSettings? ClaimedBy;

    /// <summary>Whether another proxy's claim is taken out of its SYNs, whatever becomes of the own one.</summary>
    public bool RemovesClaim;

    /// <summary>The preference that it was claimed with, 0 to 7.</summary>
    public byte Preference;

    /// <summary>The place among the rule's connections that it holds.</summary>
    public FlowAdmission? Admission;
    public ContextState State;
    public SynOptionBytes SynOptions;

    /// <summary>Time stamp of the table's clock when the context entered its state or saw its last SYN.</summary>
    public long Since;

    /// <summary>Time stamp of the same clock when its first SYN was seen.</summary>
    public long Begun;

    internal int NextInBucket;
    internal int Older;
    internal int Newer;

    /// <summary>Keeps what a copy of the SYN needs.</summary>
    public void Remember(in TcpPacket syn, in HandshakeOptions options)
    {
        ClientIsn = syn.Sequence;
        SynWindow = syn.Window;
        SynFlags = syn.Flags;
        SynTrafficClass = syn.TrafficClass;
        SynOptionLength = (byte)syn.Options.Length;
        syn.Options.CopyTo(SynOptions);
        Repeats = 0;
        MpCapableRemoved = false;
        RemovedAfterSilence = false;
        Timestamps.Begin(in options);
        Handshake = null;
        ClaimedBy = null;
        RemovesClaim = false;
        OffersMptcp = false;
        Admission = null;
    }
}
