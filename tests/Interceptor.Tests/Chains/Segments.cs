using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor.Tests.Chains;

/// <summary>The packets of a simulation, read and changed in the slow and obvious way, by none of the code under test.</summary>
internal static class Segments
{
    private const byte Mptcp = 30;
    private const byte CapableSubtype = 0;
    private const byte ExperimentalSubtype = 0xF;
    private const byte ClaimBit = 0x40;

    /// <summary>Flags of a version 1 MP_CAPABLE of this length, or null.</summary>
    public static byte? CapableFlags(byte[] packet, int length) =>
        Options(packet).Where(option => option is [Mptcp, _, (CapableSubtype << 4) | 1, ..] && option.Length == length)
            .Select(option => (byte?)option[3]).FirstOrDefault();

    public static bool HasMpCapable(byte[] packet) =>
        Options(packet).Any(option => option is [Mptcp, _, var subtype, ..] && subtype >> 4 == CapableSubtype);

    public static bool HasClaim(byte[] packet) =>
        Options(packet).Any(IsClaim) || (CapableFlags(packet, 4) & ClaimBit) > 0 || (CapableFlags(packet, 12) & ClaimBit) > 0;

    /// <summary>What is left of a packet behind an element that does not like options.</summary>
    public static byte[] Cross(Stripper stripper, byte[] packet) => stripper switch
    {
        Stripper.RemovesExperiments => WithOptions(packet, option => IsExperiment(option) ? [] : option),
        Stripper.BlanksExperiments =>
            WithOptions(packet, option => IsExperiment(option) ? [.. Enumerable.Repeat((byte)1, option.Length)] : option),
        Stripper.RemovesMptcp => WithoutMptcp(packet),
        Stripper.ClearsClaimBit => WithOptions(packet, option => option is [Mptcp, _, (CapableSubtype << 4) | 1, ..]
            ? [.. option[..3], (byte)(option[3] & ~ClaimBit), .. option[4..]]
            : option),
        _ => packet,
    };

    public static byte[] WithoutMptcp(byte[] packet) => WithOptions(packet, option => option[0] == Mptcp ? [] : option);

    /// <summary>Each option by itself, NOPs too.</summary>
    public static List<byte[]> Options(byte[] packet)
    {
        TcpPacket.Read(packet, out var segment);
        var options = new List<byte[]>();
        for (var rest = segment.Options; !rest.IsEmpty && rest[0] != 0;)
        {
            var length = rest[0] == 1 ? 1 : rest[1];
            options.Add(rest[..length].ToArray());
            rest = rest[length..];
        }

        return options;
    }

    private static bool IsExperiment(byte[] option) =>
        option is [Mptcp, _, var subtype, ..] && subtype >> 4 == ExperimentalSubtype;

    private static bool IsClaim(byte[] option) => IsExperiment(option) && (option[2] & 0x08) != 0;

    private static byte[] WithOptions(byte[] packet, Func<byte[], byte[]> change)
    {
        TcpPacket.Read(packet, out var segment);
        byte[] options = [.. Options(packet).SelectMany(change)];
        var fields = new TcpSegmentFields(
            segment.Source,
            segment.Destination,
            segment.Sequence,
            segment.Acknowledgment,
            segment.Flags,
            segment.Window,
            segment.TrafficClass);
        var changed = new byte[TcpSegmentWriter.LengthOf(fields, options.Length, 0)];
        TcpSegmentWriter.Write(changed, fields, options, []);
        return changed;
    }
}
