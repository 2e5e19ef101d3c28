using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Middlebox.Negotiation.Addresses;

// Anyone who can send SYNs chooses what goes into the flow tables, so a hash that can be predicted is a way to fill one
// bucket. This is NH (RFC 4418 section 5.2) on 64-bit words, folded by a multiply-shift: five multiplications, and the
// chance that two chosen keys collide does not depend on the choice as long as the words below stay secret. The
// framework's HashCode folds a 64-bit word by XOR before it is keyed, which an owner of an IPv6 /64 can exploit.

/// <summary>A keyed hash of addresses and ports, with keys drawn once per process.</summary>
internal static class FlowHash
{
    private static readonly ulong Key0 = DrawKey();
    private static readonly ulong Key1 = DrawKey();
    private static readonly ulong Key2 = DrawKey();
    private static readonly ulong Key3 = DrawKey();
    private static readonly ulong Key4 = DrawKey();
    private static readonly ulong Key5 = DrawKey();
    private static readonly ulong FoldLow = DrawKey();
    private static readonly ulong FoldHigh = DrawKey();

    public static int Of(ulong first, ulong second)
    {
        var high = Math.BigMul(unchecked(first + Key0), unchecked(second + Key1), out var low);
        return Fold(high, low);
    }

    public static int Of(in HostAddress client, in HostAddress server, uint ports)
    {
        unchecked
        {
            var sum = Math.BigMul(client.High + Key0, client.Low + Key1);
            sum += Math.BigMul(server.High + Key2, server.Low + Key3);
            sum += Math.BigMul(ports + Key4, Key5);
            return Fold((ulong)(sum >> 64), (ulong)sum);
        }
    }

    private static int Fold(ulong high, ulong low) => unchecked((int)(((low * FoldLow) + (high * FoldHigh)) >> 32));

    // Odd, so that the multiplications of the fold lose nothing.
    private static ulong DrawKey()
    {
        Span<ulong> key = stackalloc ulong[1];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(key));
        return key[0] | 1;
    }
}
