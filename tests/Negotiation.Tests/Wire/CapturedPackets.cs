namespace Middlebox.Negotiation.Tests.Wire;

/// <summary>
/// Packets recorded from Linux 6.18 between two hosts, checksums not offloaded: a connection with a joined subflow, one
/// over IPv6, and one to a server without MPTCP.
/// </summary>
internal static class CapturedPackets
{
    public static readonly byte[] MptcpSyn = Convert.FromHexString(
        "45000040c11340004006e37bc6120102c61209028b7a0050c006e4e600000000b002faf0798e0000"
        + "020405b40402080aab56323d000000000103030a1e040101");

    public static readonly byte[] MptcpSynAck = Convert.FromHexString(
        "45000048000040004006a487c6120902c612010200508b7a54bc1b47c006e4e7d012fe8897b50000"
        + "020405b40402080a7d49f54fab56323d0103030a1e0c010142d9197e4bf1333a");

    public static readonly byte[] MptcpAck = Convert.FromHexString(
        "45000048c11440004006e372c6120102c61209028b7a0050c006e4e754bc1b48d010003fb5de0000"
        + "0101080aab56323e7d49f54f1e14010101eec15a62a2c8f342d9197e4bf1333a");

    public static readonly byte[] MptcpFirstData = Convert.FromHexString(
        "4500004ec11540004006e36bc6120102c61209028b7a0050c006e4e754bc1b48e018003f3c620000"
        + "0101080aab56323e7d49f54f1e16010101eec15a62a2c8f342d9197e4bf1333a000201016869");

    public static readonly byte[] DataAck = Convert.FromHexString(
        "4500004076c4400040062dcbc6120902c612010200508b7a54bc1b48c006e4e9b010003f2fb10000"
        + "0101080a7d49f54fab56323e1e0c200350eb004747fbb86d");

    public static readonly byte[] JoinSyn = Convert.FromHexString(
        "450000481834400040068c52c6120103c61209029c890050e049c00200000000d002faf0f9860000"
        + "020405b40402080af74e21b8000000000103030a1e0c100117dcd5e1f8b322a3");

    public static readonly byte[] DataWithMapping = Convert.FromHexString(
        "4500005276c5400040062db8c6120902c612010200508b7a54bc1b48c006e4e9f018003f47800000"
        + "0101080a7d49f54fab56323e1e1a200f50eb004747fbb86d280bf503776c990d0000000100020101"
        + "796f");

    public static readonly byte[] JoinSynAck = Convert.FromHexString(
        "4500004c000040004006a482c6120902c612010300509c89a6a7c60ee049c003e012fe88a73a0000"
        + "020405b40402080a13246c70f74e21b80103030a1e10100022bb6f4f8b7e20a67e2b9f0b");

    public static readonly byte[] JoinAck = Convert.FromHexString(
        "4500004c1835400040068c4dc6120103c61209029c890050e049c003a6a7c60fe010003f4e8f0000"
        + "0101080af74e21b813246c701e181000d98ee0edd7dfff1bfd35f6c9162931dee5db0dbf");

    public static readonly byte[] DataFin = Convert.FromHexString(
        "45000050c11840004006e366c6120102c61209028b7a0050c006e4e954bc1b4cf010003fbf4d0000"
        + "0101080aab56330a7d49f61b1e1a201f280bf503776c990f50eb004747fbb86d0000000000010101");

    public static readonly byte[] MptcpSynV6 = Convert.FromHexString(
        "60066f01002c064020010db800000000000000000001000220010db8000000000000000000090002"
        + "ebae0050185c517500000000b002fd20ae010000020405a00402080a8bb030e5000000000103030a"
        + "1e040101");

    public static readonly byte[] MptcpSynAckV6 = Convert.FromHexString(
        "600b503f0034064020010db800000000000000000009000220010db8000000000000000000010002"
        + "0050ebae4847da67185c5176d012fb04da1c0000020405a00402080adf1db5f68bb030e50103030a"
        + "1e0c0101e815ef95cf1f5750");

    public static readonly byte[] MptcpAckV6 = Convert.FromHexString(
        "60066f010034064020010db800000000000000000001000220010db8000000000000000000090002"
        + "ebae0050185c51764847da68d0100040f64900000101080a8bb030e6df1db5f61e140101f3fe3abb"
        + "969e27e9e815ef95cf1f5750");

    public static readonly byte[] MptcpFirstDataV6 = Convert.FromHexString(
        "60066f01003a064020010db800000000000000000001000220010db8000000000000000000090002"
        + "ebae0050185c51764847da68e01800407ccd00000101080a8bb030e6df1db5f61e160101f3fe3abb"
        + "969e27e9e815ef95cf1f5750000201016869");

    public static readonly byte[] MptcpSynToLegacy = Convert.FromHexString(
        "45000040913b400040061354c6120102c61209029f7000515e1ed03300000000b002faf0f1aa0000"
        + "020405b40402080aa9f01e2b000000000103030a1e040101");

    public static readonly byte[] LegacySynAck = Convert.FromHexString(
        "4500003c000040004006a493c6120902c612010200519f7028dc7b085e1ed034a012fe88d2170000"
        + "020405b40402080a63064408a9f01e2b0103030a");

    public static readonly byte[] LegacyAck = Convert.FromHexString(
        "45000034913c40004006135fc6120102c61209029f7000515e1ed03428dc7b098010003fff300000"
        + "0101080aa9f01e2b63064408");

    public static readonly byte[][] All =
    [
        MptcpSyn,
        MptcpSynAck,
        MptcpAck,
        MptcpFirstData,
        DataAck,
        JoinSyn,
        DataWithMapping,
        JoinSynAck,
        JoinAck,
        DataFin,
        MptcpSynV6,
        MptcpSynAckV6,
        MptcpAckV6,
        MptcpFirstDataV6,
        MptcpSynToLegacy,
        LegacySynAck,
        LegacyAck,
    ];
}
