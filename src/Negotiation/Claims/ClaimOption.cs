using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Middlebox.Negotiation.Claims;

/// <summary>The bytes of a claim option, at most 14; a value, so that a decision can carry it without allocating.</summary>
public struct ClaimOption : IEquatable<ClaimOption>
{
    private Content _content;

    internal ClaimOption(int length) => Length = (byte)length;

    public byte Length { get; }

    /// <summary>The option from its kind on.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes =>
        MemoryMarshal.CreateReadOnlySpan(in Unsafe.As<Content, byte>(ref Unsafe.AsRef(in _content)), Length);

    [UnscopedRef]
    internal Span<byte> Writable => MemoryMarshal.CreateSpan(ref Unsafe.As<Content, byte>(ref _content), Length);

    /// <summary>
    /// Whether an MP_EXPERIMENTAL option means to be a claim; the subtype is anybody's for experiments (RFC 8684 section 8.1).
    /// </summary>
    public static bool IsClaim(ReadOnlySpan<byte> option) => ClaimHeader.IsClaim(option);

    public static bool operator ==(ClaimOption left, ClaimOption right) => left.Equals(right);

    public static bool operator !=(ClaimOption left, ClaimOption right) => !left.Equals(right);

    public readonly bool Equals(ClaimOption other) => Bytes.SequenceEqual(other.Bytes);

    public override readonly bool Equals(object? obj) => obj is ClaimOption other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    [InlineArray(ClaimConstants.SynLength)]
    private struct Content
    {
        private byte _first;
    }
}
