using System.Runtime.CompilerServices;

namespace Middlebox.Negotiation.Wire;

/// <summary>
/// Walks the options of a TCP header (RFC 9293 section 3.1), NOPs included; stops before End of Option List.
/// </summary>
/// <remarks>
/// Ends on every input: each step takes at least one octet, and the first malformed option is the last step.
/// </remarks>
public ref struct TcpOptionReader
{
    private readonly ReadOnlySpan<byte> _options;
    private int _length;

    public TcpOptionReader(ReadOnlySpan<byte> options) => _options = options;

    /// <summary>Kind of the current option.</summary>
    public readonly TcpOptionKind Kind => (TcpOptionKind)_options[Offset];

    /// <summary>The current option with its kind and length octets; one octet for NOP.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _options.Slice(Offset, _length);

    /// <summary>Where the current option begins, from the start of the options.</summary>
    public int Offset { get; private set; }

    /// <summary>Whether reading ended at an option whose length is below two or beyond the end.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Goes to the next option.</summary>
    /// <returns>False at the end, at End of Option List and at a malformed option.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        var next = Offset + _length;
        if ((uint)next >= (uint)_options.Length)
            return End();

        var kind = _options[next];
        if (kind == (byte)TcpOptionKind.EndOfList)
            return End();

        var length = 1;
        if (kind != (byte)TcpOptionKind.NoOperation)
        {
            length = next + 1 < _options.Length ? _options[next + 1] : 0;
            if (length < TcpConstants.OptionHeaderLength || length > _options.Length - next)
            {
                Malformed = true;
                return End();
            }
        }

        Offset = next;
        _length = length;
        return true;
    }

    // Past the end, so that a further MoveNext ends too.
    private bool End()
    {
        Offset = _options.Length;
        _length = 0;
        return false;
    }
}
