using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Policy;

/// <summary>
/// Takes a stable fraction of connections: the same ones for a connection's repeated SYNs, on every box and after every restart.
/// </summary>
internal static class FlowShare
{
    /// <summary>Whether a connection is in the first <paramref name="share"/> of all, 0 to 1.</summary>
    public static bool Includes(in FlowKey flow, double share)
    {
        if (share >= 1)
            return true;
        Span<byte> bytes = stackalloc byte[2 * HostAddress.Ipv6Length];
        var length = flow.Client.Address.WriteTo(bytes);
        flow.Server.Address.WriteTo(bytes[length..]);
        var hash = Mix(((ulong)flow.Client.Port.Value << 16) | flow.Server.Port.Value);
        for (var word = bytes; !word.IsEmpty; word = word[sizeof(ulong)..])
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(word));
        return hash < share * ulong.MaxValue;
    }

    /// <summary>A bijection in which every input bit moves every output bit (the finalizer of SplitMix64).</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
