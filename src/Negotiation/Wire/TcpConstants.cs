namespace Middlebox.Negotiation.Wire;

/// <summary>Offsets, lengths and limits of the TCP header and its options. All fields are big-endian.</summary>
public static class TcpConstants
{
    /// <summary>The header without options (RFC 9293 section 3.1).</summary>
    public const int MinimumHeaderLength = 20;

    /// <summary>Fifteen 32-bit words, all that the data offset field can say.</summary>
    public const int MaximumHeaderLength = 60;

    public const int MaximumOptionsLength = MaximumHeaderLength - MinimumHeaderLength;

    public const int SourcePortOffset = 0;
    public const int DestinationPortOffset = 2;
    public const int SequenceOffset = 4;
    public const int AcknowledgmentOffset = 8;
    public const int DataOffsetOffset = 12;

    /// <summary>AE, in the octet of the data offset (RFC 9768 section 3.1).</summary>
    public const byte AccurateEcnBit = 0x01;

    public const int FlagsOffset = 13;
    public const int WindowOffset = 14;
    public const int ChecksumOffset = 16;
    public const int UrgentPointerOffset = 18;

    /// <summary>Kind and length octets of every option but NOP and EOL.</summary>
    public const int OptionHeaderLength = 2;

    /// <summary>RFC 9293 section 3.7.1.</summary>
    public const int MssLength = 4;

    /// <summary>RFC 7323 section 2.2.</summary>
    public const int WindowScaleLength = 3;

    /// <summary>RFC 7323 section 2.3: a larger shift counts as this one.</summary>
    public const byte MaximumWindowScale = 14;

    /// <summary>RFC 2018 section 2.</summary>
    public const int SackPermittedLength = 2;

    /// <summary>RFC 7323 section 3.2.</summary>
    public const int TimestampsLength = 10;

    /// <summary>RFC 2385 section 3.0.</summary>
    public const int Md5Length = 18;

    /// <summary>Kind, length and two key ids; a MAC follows (RFC 5925 section 2.2).</summary>
    public const int AuthenticationMinimumLength = 4;

    /// <summary>Octets of a Fast Open cookie when there is one (RFC 7413 section 4.1.1).</summary>
    public const int FastOpenMinimumCookie = 4;

    /// <summary>As <see cref="FastOpenMinimumCookie"/>, upper limit.</summary>
    public const int FastOpenMaximumCookie = 16;

    /// <summary>
    /// Experiment id of Fast Open before it had a kind of its own (RFC 6994 section 3, RFC 7413 appendix A).
    /// </summary>
    public const ushort FastOpenExperimentId = 0xF989;

    /// <summary>Octets of an experiment id behind kind and length (RFC 6994 section 3).</summary>
    public const int ExperimentIdLength = 2;
}
