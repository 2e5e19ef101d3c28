namespace Middlebox.Negotiation.Wire;

/// <summary>MP_EXPERIMENTAL: private use, not interpreted here (RFC 8684 section 8.1). A view, not a copy.</summary>
public readonly ref struct MpExperimental : IMptcpOption<MpExperimental>
{
    /// <summary>Octets of content that fit into the options of one segment.</summary>
    public const int MaximumContentLength = TcpConstants.MaximumOptionsLength - MptcpConstants.MinimumLength;

    /// <param name="flags">Lower four bits of octet 2, 0 to 15.</param>
    /// <param name="content">What follows it, 0 to <see cref="MaximumContentLength"/> octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of the two is larger.</exception>
    public MpExperimental(byte flags, ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(flags, 0x0F);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaximumContentLength, nameof(content));
        Flags = flags;
        Content = content;
    }

    /// <summary>Lower four bits of octet 2.</summary>
    public byte Flags { get; }

    /// <summary>Octets 3 and following.</summary>
    public ReadOnlySpan<byte> Content { get; }

    /// <summary>Octets: 3 and the content.</summary>
    public int Length => MptcpConstants.MinimumLength + Content.Length;

    /// <summary>Reads a whole option; false for any other, and for one too long for a TCP header.</summary>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpExperimental value)
    {
        value = default;
        if (!MptcpOption.Is(option, MptcpSubtype.MpExperimental) || option.Length > TcpConstants.MaximumOptionsLength)
            return false;

        value = new MpExperimental(MptcpOption.LowNibble(option), option[MptcpConstants.MinimumLength..]);
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpExperimental, Length, Flags);
        Content.CopyTo(option[MptcpConstants.MinimumLength..]);
        return option.Length;
    }
}
