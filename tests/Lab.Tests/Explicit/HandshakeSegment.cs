using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>What a captured SYN or SYN/ACK says of claims.</summary>
/// <param name="ClientPort">The client's port.</param>
/// <param name="Claim">The claim option; empty if there is none.</param>
/// <param name="HasMpCapable">Whether MP_CAPABLE is there.</param>
/// <param name="HasClaimBit">Whether bit B of its flags is set.</param>
public sealed record HandshakeSegment(int ClientPort, byte[] Claim, bool HasMpCapable, bool HasClaimBit)
{
    /// <summary>Null if the packet is no segment with exactly these of SYN and ACK.</summary>
    public static HandshakeSegment? TryRead(ReadOnlySpan<byte> packet, TcpFlags flags)
    {
        if (TcpPacket.Read(packet, out var tcp) != PacketDefect.None || (tcp.Flags & TcpFlags.SynAck) != flags)
            return null;
        var options = HandshakeOptions.Read(tcp.Options);
        return new HandshakeSegment(
            (flags == TcpFlags.Syn ? tcp.Source : tcp.Destination).Port.Value,
            tcp.Options.Slice(options.ClaimOffset, options.ClaimLength).ToArray(),
            options.MpCapable == MpCapableKind.Version1,
            (options.MpCapableFlags & MpCapableFlags.Extensibility) != 0);
    }
}
