using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Chains;

/// <summary>A server that answers the first SYN of a connection, and later ones in the same way.</summary>
internal sealed class SimulatedServer(ServerKind kind)
{
    public const uint Isn = 0x5555_0000;
    public const ulong Key = 0x5EC5_E7BB_0000_0001;

    private byte[]? _answer;

    /// <summary>Whether it took the first SYN that reached it for one of plain TCP.</summary>
    public bool IsLegacyForThis => _answer is not null && !Segments.HasMpCapable(_answer);

    public byte[] Answer(byte[] syn)
    {
        if (_answer is not null)
            return _answer;
        var answer = PacketBuilder.SynAckFor(syn).Isn(Isn).Mss(1400).SackPermitted().Timestamps(7, 1).Nop().WindowScale(9);
        var mask = kind == ServerKind.ProxyAware ? 0x1F : 0x5F;
        if (kind != ServerKind.Legacy && (Segments.CapableFlags(syn, MptcpConstants.CapableSynLength) & mask) == 0x01)
            answer.MpCapable(Key);
        return _answer = answer.Build();
    }
}
