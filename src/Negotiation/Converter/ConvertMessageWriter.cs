using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Converter;

/// <summary>Writes a Convert message, either side's (RFC 8803 section 6): TLVs in the order of the calls, padded with zeros to whole words.</summary>
/// <param name="buffer">Room for <see cref="ConvertConstants.MaximumMessageLength"/>, or at least for what is added.</param>
public ref struct ConvertMessageWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length = ConvertConstants.HeaderLength;

    public void AddInfo() => Add(ConvertTlvType.Info, []);

    /// <param name="server">The server, or of an incoming connection the remote peer.</param>
    /// <param name="options">TCP options to ask for; empty for a Base Connect TLV.</param>
    public void AddConnect(in HostEndpoint server, scoped ReadOnlySpan<byte> options)
    {
        const int AddressOffset = 2;
        Span<byte> value = stackalloc byte[AddressOffset + HostAddress.Ipv6Length + TcpConstants.MaximumOptionsLength];
        BinaryPrimitives.WriteUInt16BigEndian(value, server.Port.Value);
        BinaryPrimitives.WriteUInt128BigEndian(value[AddressOffset..], server.Address.Bits);
        options.CopyTo(value[(AddressOffset + HostAddress.Ipv6Length)..]);
        Add(ConvertTlvType.Connect, value[..(AddressOffset + HostAddress.Ipv6Length + options.Length)]);
    }

    /// <param name="cookie">At most 1,000 octets.</param>
    public void AddCookie(scoped ReadOnlySpan<byte> cookie) => Add(ConvertTlvType.Cookie, [0, 0], cookie);

    /// <param name="options">The options of the server's SYN/ACK.</param>
    public void AddExtendedTcpHeader(scoped ReadOnlySpan<byte> options) => Add(ConvertTlvType.ExtendedTcpHeader, [0, 0], options);

    public void AddSupportedTcpExtensions(IReadOnlyList<TcpOptionKind> kinds)
    {
        Span<byte> list = stackalloc byte[kinds.Count];
        for (var i = 0; i < list.Length; i++)
            list[i] = (byte)kinds[i];
        Add(ConvertTlvType.SupportedTcpExtensions, [0, 0], list);
    }

    /// <param name="code">What is wrong.</param>
    /// <param name="value">One octet or more: what the code says it is (section 6.2.8).</param>
    /// <param name="rest">What follows it.</param>
    public void AddError(ConvertErrorCode code, byte value, scoped ReadOnlySpan<byte> rest) => Add(ConvertTlvType.Error, [(byte)code, value], rest);

    /// <summary>Completes the message.</summary>
    /// <returns>Its bytes, at the beginning of the buffer.</returns>
    public readonly ReadOnlySpan<byte> Finish()
    {
        new ConvertHeader(ConvertConstants.Version, (byte)(_length / ConvertConstants.WordLength)).WriteTo(_buffer);
        return _buffer[.._length];
    }

    private void Add(ConvertTlvType type, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> rest = default)
    {
        var used = ConvertConstants.TlvHeaderLength + first.Length + rest.Length;
        var words = (used + ConvertConstants.WordLength - 1) / ConvertConstants.WordLength;
        var tlv = _buffer.Slice(_length, words * ConvertConstants.WordLength);
        tlv.Clear();
        tlv[0] = (byte)type;
        tlv[1] = (byte)words;
        first.CopyTo(tlv[ConvertConstants.TlvHeaderLength..]);
        rest.CopyTo(tlv[(ConvertConstants.TlvHeaderLength + first.Length)..]);
        _length += tlv.Length;
    }
}
