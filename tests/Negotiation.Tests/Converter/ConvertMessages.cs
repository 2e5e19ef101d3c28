namespace Middlebox.Negotiation.Tests.Converter;

/// <summary>Convert messages octet by octet, as the figures of RFC 8803 draw them; made without the code under test.</summary>
internal static class ConvertMessages
{
    /// <summary>Figure 16.</summary>
    public static byte[] Info => [0x01, 1, 0, 0];

    /// <summary>Figure 18, for 198.51.100.7 port 443 in its IPv4-mapped form.</summary>
    public static byte[] BaseConnect =>
        [0x0A, 5, 0x01, 0xBB, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 198, 51, 100, 7];

    /// <summary>Figures 19 and 20, for 2001:db8::9 port 80, with MP_CAPABLE and SACK permitted without values.</summary>
    public static byte[] ExtendedConnect =>
        [0x0A, 6, 0x00, 0x50, 0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 30, 2, 4, 2];

    /// <summary>Figure 22, with eight octets.</summary>
    public static byte[] Cookie => [0x16, 3, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

    /// <summary>Figure 13 in front of these TLVs.</summary>
    public static byte[] Of(params byte[][] tlvs)
    {
        byte[] body = [.. tlvs.SelectMany(tlv => tlv)];
        return [1, (byte)((4 + body.Length) / 4), 0x22, 0x63, .. body];
    }
}
