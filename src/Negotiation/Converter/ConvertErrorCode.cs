namespace Middlebox.Negotiation.Converter;

/// <summary>The code of an Error TLV (RFC 8803 section 6.2.8). Other values may come from other converters.</summary>
public enum ConvertErrorCode : byte
{
    UnsupportedVersion = 0,
    MalformedMessage = 1,
    UnsupportedMessage = 2,
    MissingCookie = 3,
    NotAuthorized = 32,
    UnsupportedTcpOption = 33,
    ResourceExceeded = 64,
    NetworkFailure = 65,
    ConnectionReset = 96,
    DestinationUnreachable = 97,
}
