using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Oracles;

/// <summary>Handshake options as text: once from the product, once from the plain reader's list.</summary>
internal static class HandshakeSummary
{
    public static string Of(in HandshakeOptions options) =>
        $"mss {options.Mss} scale {options.WindowScale} sack {options.SackPermitted} ts {options.HasTimestamps}"
        + $" {options.TimestampValue:X8} {options.TimestampEcho:X8} tfo {options.HasFastOpen} md5 {options.HasMd5}"
        + $" ao {options.HasAuthentication} mptcp {options.HasMptcp} capable {options.MpCapable}"
        + $" {options.MpCapableOffset} {options.MpCapableLength} {(int)options.MpCapableFlags}"
        + $" join {options.HasMpJoin} {options.MpJoinToken:X8} malformed {options.Malformed}";

    public static string Of(PlainReader.OptionList list)
    {
        var mss = Last(list, 2, [4]);
        var scale = Last(list, 3, [3]);
        var timestamps = Last(list, 8, [10]);
        var mptcp = list.Options.FindAll(option => option.Octets[0] == 30);
        var capables = mptcp.FindAll(option => option.Octets.Length > 2 && option.Octets[2] >> 4 == 0);
        var joins = mptcp.FindAll(option => option.Octets.Length > 2 && option.Octets[2] >> 4 == 1);
        var token = joins.FindLast(option => option.Octets.Length == 12).Octets;
        var kind = KindOf(capables);
        var hasFlags = capables.Count > 0 && KindOf([capables[0]]) is MpCapableKind.Version0 or MpCapableKind.Version1;
        var malformed = list.Malformed
            || list.Options.Exists(option => !IsRightLength(option.Octets))
            || kind == MpCapableKind.Malformed
            || joins.Count > 1
            || (joins.Count > 0 && capables.Count > 0);

        return $"mss {(mss is null ? null : (mss[2] * 256) + mss[3])}"
            + $" scale {(scale is null ? null : Math.Min(scale[2], (byte)14))}"
            + $" sack {Last(list, 4, [2]) is not null} ts {timestamps is not null}"
            + $" {Hex(timestamps, 2)} {Hex(timestamps, 6)}"
            + $" tfo {list.Options.Exists(option => IsFastOpen(option.Octets))}"
            + $" md5 {list.Options.Exists(option => option.Octets[0] == 19)}"
            + $" ao {list.Options.Exists(option => option.Octets[0] == 29)} mptcp {mptcp.Count > 0} capable {kind}"
            + $" {(capables.Count == 0 ? 0 : capables[^1].Offset)}"
            + $" {(capables.Count == 0 ? 0 : capables[^1].Octets.Length)}"
            + $" {(hasFlags ? capables[0].Octets[3] : 0)}"
            + $" join {joins.Count > 0} {Hex(token, 4)} malformed {malformed}";
    }

    private static MpCapableKind KindOf(List<(int Offset, byte[] Octets)> capables)
    {
        if (capables.Count == 0)
            return MpCapableKind.None;
        if (capables.Count > 1)
            return MpCapableKind.Malformed;

        var octets = capables[0].Octets;
        return (octets[2] & 15, octets.Length) switch
        {
            (_, 3) => MpCapableKind.Malformed,
            (0, 12) => MpCapableKind.Version0,
            (1, 4) or (1, 12) => MpCapableKind.Version1,
            (0, _) or (1, _) => MpCapableKind.Malformed,
            _ => MpCapableKind.OtherVersion,
        };
    }

    private static bool IsRightLength(byte[] octets) => octets[0] switch
    {
        2 => octets.Length == 4,
        3 => octets.Length == 3,
        4 => octets.Length == 2,
        8 => octets.Length == 10,
        19 => octets.Length == 18,
        29 => octets.Length >= 4,
        30 when octets.Length > 2 && octets[2] >> 4 == 1 => octets.Length is 12 or 16,
        30 => octets.Length > 2,
        34 => octets.Length is 2 or 6 or 8 or 10 or 12 or 14 or 16 or 18,
        254 when IsFastOpen(octets) => octets.Length is 4 or 8 or 10 or 12 or 14 or 16 or 18 or 20,
        _ => true,
    };

    private static bool IsFastOpen(byte[] octets) =>
        octets[0] == 34 || (octets.Length >= 4 && octets is [254, _, 0xF9, 0x89, ..]);

    private static byte[]? Last(PlainReader.OptionList list, byte kind, int[] lengths) =>
        list.Options.FindLast(option => option.Octets[0] == kind && lengths.Contains(option.Octets.Length)).Octets;

    private static string Hex(byte[]? octets, int start) =>
        octets is null ? "00000000" : Convert.ToHexString(octets, start, 4);
}
