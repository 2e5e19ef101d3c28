namespace Middlebox.Negotiation.Wire;

/// <summary>Octet 3 of DSS (RFC 8684 section 3.3, figure 9).</summary>
[Flags]
public enum DssFlags : byte
{
    None = 0,

    /// <summary>A: a data acknowledgement is present.</summary>
    HasDataAck = 0x01,

    /// <summary>a: it has 8 octets instead of 4.</summary>
    DataAckIs64Bit = 0x02,

    /// <summary>M: a mapping is present.</summary>
    HasMapping = 0x04,

    /// <summary>m: its data sequence number has 8 octets instead of 4.</summary>
    DataSequenceIs64Bit = 0x08,

    /// <summary>F: DATA_FIN, the end of the connection's data in this direction.</summary>
    DataFin = 0x10,
}
