namespace Middlebox.Negotiation.Converter;

/// <summary>Walks the TLVs behind the fixed header (RFC 8803 section 6.2.1, figure 14).</summary>
/// <remarks>
/// Ends on every input: each step takes at least one word, and the first TLV whose length is zero or reaches beyond the message (section 9) is the last
/// step.
/// </remarks>
public ref struct ConvertTlvReader
{
    private readonly ReadOnlySpan<byte> _tlvs;
    private int _offset;
    private int _length;

    /// <param name="tlvs">What follows the fixed header, as far as the total length reaches.</param>
    public ConvertTlvReader(ReadOnlySpan<byte> tlvs) => _tlvs = tlvs;

    public readonly ConvertTlvType Type => (ConvertTlvType)_tlvs[_offset];

    /// <summary>Words of the current TLV, type and length included.</summary>
    public readonly int Words => _length / ConvertConstants.WordLength;

    /// <summary>What follows type and length: two octets or more.</summary>
    public readonly ReadOnlySpan<byte> Value =>
        _tlvs[(_offset + ConvertConstants.TlvHeaderLength)..(_offset + _length)];

    /// <summary>Whether reading ended at a TLV whose length cannot be.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Goes to the next TLV; false at the end, and at a malformed one.</summary>
    public bool MoveNext()
    {
        _offset += _length;
        _length = 0;
        if (_offset == _tlvs.Length)
            return false;
        var rest = _tlvs[_offset..];
        var length = rest.Length < ConvertConstants.TlvHeaderLength ? 0 : rest[1] * ConvertConstants.WordLength;
        if (length == 0 || length > rest.Length)
        {
            Malformed = true;
            _offset = _tlvs.Length;
            return false;
        }

        _length = length;
        return true;
    }
}
