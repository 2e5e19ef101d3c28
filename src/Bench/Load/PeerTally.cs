using System.Buffers.Binary;
using System.Net;
using Middlebox.Native;

namespace Middlebox.Bench.Load;

/// <summary>
/// Counts client endpoints and adds up a hash of each. A client and a server with equal tallies have seen the same endpoints, in
/// whatever order: addresses and ports went through unchanged.
/// </summary>
/// <param name="Count">Endpoints.</param>
/// <param name="Fingerprint">Sum of their hashes, modulo 2^64.</param>
internal readonly record struct PeerTally(long Count, ulong Fingerprint)
{
    /// <summary>With one more IPv4 endpoint.</summary>
    public PeerTally With(ref sockaddr endpoint) => With(BinaryPrimitives.ReadUInt32BigEndian(endpoint.Address), endpoint.Port);

    /// <inheritdoc cref="With(ref sockaddr)"/>
    public PeerTally With(IPEndPoint endpoint) =>
        With(BinaryPrimitives.ReadUInt32BigEndian(endpoint.Address.GetAddressBytes()), (ushort)endpoint.Port);

    public static PeerTally operator +(PeerTally left, PeerTally right) =>
        new(left.Count + right.Count, unchecked(left.Fingerprint + right.Fingerprint));

    public static PeerTally operator -(PeerTally left, PeerTally right) =>
        new(left.Count - right.Count, unchecked(left.Fingerprint - right.Fingerprint));

    private PeerTally With(uint address, ushort port) =>
        new(Count + 1, unchecked(Fingerprint + Mix(((ulong)address << 16) | port)));

    // The output function of SplitMix64, so that sums of neighbouring ports do not coincide.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
