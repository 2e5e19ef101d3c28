namespace Middlebox.Negotiation.Converter;

/// <summary>What a converter has answered, as its client sees it. Valid as long as the message's bytes.</summary>
public readonly ref struct ConvertReply
{
    /// <summary>The code of the Error TLV; null if there is none, and the connection is there.</summary>
    public ConvertErrorCode? Error { get; private init; }

    /// <summary>The first octet of the error's value: a delay in seconds, or the code of an ICMP message.</summary>
    public byte ErrorValue { get; private init; }

    /// <summary>What follows that octet: a cookie, an echo, or further kinds of options.</summary>
    public ReadOnlySpan<byte> ErrorRest { get; private init; }

    /// <summary>Whether there is an Extended TCP Header TLV.</summary>
    public bool HasServerOptions { get; private init; }

    /// <summary>The TCP options of the server's SYN/ACK, as the Extended TCP Header TLV tells them, with padding.</summary>
    public ReadOnlySpan<byte> ServerOptions { get; private init; }

    /// <summary>Kinds of TCP options that the converter supports, with padding.</summary>
    public ReadOnlySpan<byte> SupportedExtensions { get; private init; }

    /// <summary>Reads an answer, whose fixed header has been read already.</summary>
    /// <param name="message">As many octets as the fixed header says.</param>
    /// <param name="reply">What it says.</param>
    /// <returns>
    /// False if the client must reset the connection: a TLV is malformed, there twice, of type 0, or one that converters do not send (RFC 8803 sections
    /// 6.2.1 and 6.2.2).
    /// </returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out ConvertReply reply)
    {
        reply = default;
        ConvertErrorCode? error = null;
        byte errorValue = 0;
        ReadOnlySpan<byte> errorRest = default, options = default, extensions = default;
        bool hasOptions = false, hasExtensions = false;
        var tlvs = new ConvertTlvReader(message[ConvertConstants.HeaderLength..]);
        while (tlvs.MoveNext())
        {
            var rest = tlvs.Value[ConvertConstants.UnassignedLength..];
            switch (tlvs.Type)
            {
                case ConvertTlvType.Error when error is null:
                    error = (ConvertErrorCode)tlvs.Value[0];
                    errorValue = tlvs.Value[1];
                    errorRest = rest;
                    break;
                case ConvertTlvType.ExtendedTcpHeader when !hasOptions:
                    hasOptions = true;
                    options = rest;
                    break;
                case ConvertTlvType.SupportedTcpExtensions when !hasExtensions:
                    hasExtensions = true;
                    extensions = rest;
                    break;
                default:
                    return false;
            }
        }

        reply = new ConvertReply
        {
            Error = error,
            ErrorValue = errorValue,
            ErrorRest = errorRest,
            HasServerOptions = hasOptions,
            ServerOptions = options,
            SupportedExtensions = extensions,
        };
        return !tlvs.Malformed;
    }
}
