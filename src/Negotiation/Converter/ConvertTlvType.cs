namespace Middlebox.Negotiation.Converter;

/// <summary>The first octet of a TLV (RFC 8803 section 6.2.2). Other values occur; 0 is reserved.</summary>
public enum ConvertTlvType : byte
{
    Info = 0x01,
    Connect = 0x0A,
    ExtendedTcpHeader = 0x14,
    SupportedTcpExtensions = 0x15,
    Cookie = 0x16,
    Error = 0x1E,
}
