using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Wire;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>Writes what the converter says to a client (RFC 8803 section 6.2): at most <see cref="ConvertConstants.MaximumMessageLength"/>.</summary>
internal static class ConverterAnswer
{
    // Header, then type, length, code and a zero octet of the Error TLV (figure 24).
    private const int LongestEcho = ConvertConstants.MaximumMessageLength - ConvertConstants.HeaderLength - ConvertConstants.WordLength;

    /// <summary>The server is there.</summary>
    /// <param name="buffer">Receives the message.</param>
    /// <param name="options">TCP options of its SYN/ACK; empty if they were not seen.</param>
    /// <param name="supported">What the client asked for as well; null if it did not.</param>
    public static ReadOnlySpan<byte> Connected(Span<byte> buffer, scoped ReadOnlySpan<byte> options, IReadOnlyList<TcpOptionKind>? supported)
    {
        var writer = new ConvertMessageWriter(buffer);
        if (supported is not null)
            writer.AddSupportedTcpExtensions(supported);
        writer.AddExtendedTcpHeader(options);
        return writer.Finish();
    }

    /// <summary>The client only asked what is supported.</summary>
    public static ReadOnlySpan<byte> Extensions(Span<byte> buffer, IReadOnlyList<TcpOptionKind> supported)
    {
        var writer = new ConvertMessageWriter(buffer);
        writer.AddSupportedTcpExtensions(supported);
        return writer.Finish();
    }

    /// <summary>An error.</summary>
    /// <param name="buffer">Receives the message.</param>
    /// <param name="code">Which.</param>
    /// <param name="message">What has been received, for errors that echo it.</param>
    /// <param name="detail">A cookie, kinds of TCP options or the code of an ICMP error, for errors that tell them.</param>
    public static ReadOnlySpan<byte> Error(
        Span<byte> buffer, ConvertErrorCode code, scoped ReadOnlySpan<byte> message, scoped ReadOnlySpan<byte> detail)
    {
        var writer = new ConvertMessageWriter(buffer);
        switch (code)
        {
            case ConvertErrorCode.UnsupportedVersion:
                writer.AddError(code, ConvertConstants.Version, []);
                break;
            case ConvertErrorCode.MalformedMessage or ConvertErrorCode.UnsupportedMessage:
                writer.AddError(code, 0, message[..Math.Min(message.Length, LongestEcho)]);
                break;
            case ConvertErrorCode.MissingCookie:
                writer.AddError(code, 0, detail);
                break;
            case ConvertErrorCode.UnsupportedTcpOption or ConvertErrorCode.DestinationUnreachable:
                writer.AddError(code, detail[0], detail[1..]);
                break;
            default:
                // No delay is suggested: the client waits for thirty seconds at least (section 6.2.8).
                writer.AddError(code, 0, []);
                break;
        }

        return writer.Finish();
    }
}
