using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

// Read once per SYN and SYN/ACK, so it is one pass into a few words. Of options that occur twice the last one counts, as
// in Linux, save MPTCP ones: what two of them mean is anybody's guess, and a guess is no ground to act on.

/// <summary>What the TCP options of a SYN or SYN/ACK say.</summary>
public readonly struct HandshakeOptions
{
    private readonly HandshakeOptionSet _present;
    private readonly ushort _mss;
    private readonly byte _windowScale;
    private readonly byte _capableOffset;
    private readonly byte _capableLength;
    private readonly byte _claimOffset;
    private readonly byte _claimLength;

    private HandshakeOptions(ReadOnlySpan<byte> options)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            var option = reader.Bytes;
            switch (reader.Kind)
            {
                case TcpOptionKind.MaximumSegmentSize when option.Length == TcpConstants.MssLength:
                    _mss = BinaryPrimitives.ReadUInt16BigEndian(option[2..]);
                    _present |= HandshakeOptionSet.Mss;
                    break;
                case TcpOptionKind.WindowScale when option.Length == TcpConstants.WindowScaleLength:
                    _windowScale = Math.Min(option[2], TcpConstants.MaximumWindowScale);
                    _present |= HandshakeOptionSet.WindowScale;
                    break;
                case TcpOptionKind.SackPermitted when option.Length == TcpConstants.SackPermittedLength:
                    _present |= HandshakeOptionSet.SackPermitted;
                    break;
                case TcpOptionKind.Timestamps when option.Length == TcpConstants.TimestampsLength:
                    TimestampValue = BinaryPrimitives.ReadUInt32BigEndian(option[2..]);
                    TimestampEcho = BinaryPrimitives.ReadUInt32BigEndian(option[6..]);
                    _present |= HandshakeOptionSet.Timestamps;
                    break;
                case TcpOptionKind.Md5Signature:
                    _present |= HandshakeOptionSet.Md5 | MalformedUnless(option.Length == TcpConstants.Md5Length);
                    break;
                case TcpOptionKind.Authentication:
                    _present |= HandshakeOptionSet.Authentication
                        | MalformedUnless(option.Length >= TcpConstants.AuthenticationMinimumLength);
                    break;
                case TcpOptionKind.FastOpen:
                    _present |= HandshakeOptionSet.FastOpen
                        | MalformedUnless(IsFastOpenCookie(option.Length - TcpConstants.OptionHeaderLength));
                    break;
                case TcpOptionKind.Experiment2:
                    _present |= ReadExperiment(option);
                    break;
                case TcpOptionKind.Mptcp when MptcpOption.TryReadSubtype(option, out var subtype):
                    _present |= HandshakeOptionSet.Mptcp;
                    if (subtype == MptcpSubtype.MpCapable)
                    {
                        (_capableOffset, _capableLength) = ((byte)reader.Offset, (byte)option.Length);
                        (MpCapable, MpCapableFlags) = MpCapable == MpCapableKind.None
                            ? ReadCapable(option)
                            : (MpCapableKind.Malformed, MpCapableFlags);
                        _present |= MalformedUnless(MpCapable != MpCapableKind.Malformed);
                    }
                    else if (subtype == MptcpSubtype.MpExperimental)
                    {
                        (_claimOffset, _claimLength) = ((byte)reader.Offset, (byte)option.Length);
                    }
                    else if (subtype == MptcpSubtype.MpJoin)
                    {
                        _present |= MalformedUnless(!HasMpJoin && IsHandshakeJoin(option.Length))
                            | HandshakeOptionSet.MpJoin;
                        if (option.Length == MptcpConstants.JoinSynLength)
                            MpJoinToken = BinaryPrimitives.ReadUInt32BigEndian(option[4..]);
                    }

                    break;
                case TcpOptionKind.Mptcp:
                    _present |= HandshakeOptionSet.Mptcp | HandshakeOptionSet.Malformed;
                    break;
                case TcpOptionKind.MaximumSegmentSize:
                case TcpOptionKind.WindowScale:
                case TcpOptionKind.SackPermitted:
                case TcpOptionKind.Timestamps:
                    _present |= HandshakeOptionSet.Malformed;
                    break;
            }
        }

        // A SYN either opens a connection or joins one.
        _present |= MalformedUnless(!reader.Malformed && !(HasMpJoin && MpCapable != MpCapableKind.None));
    }

    /// <summary>Octets of payload per segment that the sender takes, or null.</summary>
    public ushort? Mss => Has(HandshakeOptionSet.Mss) ? _mss : null;

    /// <summary>
    /// Bits to shift the sender's window by, 0 to 14, or null. Larger ones count as 14 (RFC 7323 section 2.3).
    /// </summary>
    public byte? WindowScale => Has(HandshakeOptionSet.WindowScale) ? _windowScale : null;

    public bool SackPermitted => Has(HandshakeOptionSet.SackPermitted);

    public bool HasTimestamps => Has(HandshakeOptionSet.Timestamps);

    /// <summary>TSval, 0 without timestamps.</summary>
    public uint TimestampValue { get; }

    /// <summary>TSecr, 0 without timestamps.</summary>
    public uint TimestampEcho { get; }

    /// <summary>Fast Open cookie or request for one, in either kind (RFC 7413).</summary>
    public bool HasFastOpen => Has(HandshakeOptionSet.FastOpen);

    /// <summary>TCP-MD5 (RFC 2385).</summary>
    public bool HasMd5 => Has(HandshakeOptionSet.Md5);

    /// <summary>TCP-AO (RFC 5925).</summary>
    public bool HasAuthentication => Has(HandshakeOptionSet.Authentication);

    /// <summary>
    /// The options cannot be walked to their end, or a known one has a wrong length or contradicts another.
    /// </summary>
    public bool Malformed => Has(HandshakeOptionSet.Malformed);

    /// <summary>Any MPTCP option, of whatever subtype.</summary>
    public bool HasMptcp => Has(HandshakeOptionSet.Mptcp);

    public MpCapableKind MpCapable { get; }

    /// <summary>Flags A to H as on the wire, 0 without a well-formed MP_CAPABLE of version 0 or 1.</summary>
    public MpCapableFlags MpCapableFlags { get; }

    /// <summary>Where MP_CAPABLE begins, from the start of the options; the last one if there are several.</summary>
    public int MpCapableOffset => _capableOffset;

    /// <summary>Octets of MP_CAPABLE, 0 without one.</summary>
    public int MpCapableLength => _capableLength;

    /// <summary>Where MP_EXPERIMENTAL, the carrier of a proxy's claim, begins from the start of the options.</summary>
    public int ClaimOffset => _claimOffset;

    /// <summary>Octets of MP_EXPERIMENTAL, 0 without one; the last one if there are several.</summary>
    public int ClaimLength => _claimLength;

    public bool HasMpJoin => Has(HandshakeOptionSet.MpJoin);

    /// <summary>The receiver's token in the MP_JOIN of a SYN, 0 otherwise.</summary>
    public uint MpJoinToken { get; }

    /// <summary>Reads the options of a SYN or SYN/ACK. Every input is taken; see <see cref="Malformed"/>.</summary>
    public static HandshakeOptions Read(ReadOnlySpan<byte> options) => new(options);

    private static HandshakeOptionSet MalformedUnless(bool isRight) =>
        isRight ? HandshakeOptionSet.None : HandshakeOptionSet.Malformed;

    private static bool IsFastOpenCookie(int length) =>
        length == 0
        || (length is >= TcpConstants.FastOpenMinimumCookie and <= TcpConstants.FastOpenMaximumCookie
            && length % 2 == 0);

    private static HandshakeOptionSet ReadExperiment(ReadOnlySpan<byte> option)
    {
        const int HeaderLength = TcpConstants.OptionHeaderLength + TcpConstants.ExperimentIdLength;
        if (option.Length < HeaderLength
            || BinaryPrimitives.ReadUInt16BigEndian(option[2..]) != TcpConstants.FastOpenExperimentId)
            return HandshakeOptionSet.None;

        return HandshakeOptionSet.FastOpen | MalformedUnless(IsFastOpenCookie(option.Length - HeaderLength));
    }

    private static (MpCapableKind Kind, MpCapableFlags Flags) ReadCapable(ReadOnlySpan<byte> option)
    {
        if (option.Length < MptcpConstants.CapableSynLength)
            return (MpCapableKind.Malformed, default);

        var flags = (MpCapableFlags)option[MptcpConstants.CapableFlagsOffset];
        return ((option[MptcpConstants.SubtypeOffset] & 0x0F), option.Length) switch
        {
            (0, MptcpConstants.CapableSynAckLength) => (MpCapableKind.Version0, flags),
            (1, MptcpConstants.CapableSynLength or MptcpConstants.CapableSynAckLength) =>
                (MpCapableKind.Version1, flags),
            ( > 1, _) => (MpCapableKind.OtherVersion, default),
            _ => (MpCapableKind.Malformed, default),
        };
    }

    private static bool IsHandshakeJoin(int length) =>
        length is MptcpConstants.JoinSynLength or MptcpConstants.JoinSynAckLength;

    private bool Has(HandshakeOptionSet option) => (_present & option) != 0;
}
