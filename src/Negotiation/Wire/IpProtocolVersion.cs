namespace Middlebox.Negotiation.Wire;

/// <summary>The version field of an IP header.</summary>
public enum IpProtocolVersion
{
    V4 = 4,
    V6 = 6,
}
