using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Converter;

/// <summary>What a client has asked for in its message (RFC 8803 sections 6.2.3, 6.2.5 and 6.2.7). Valid as long as the message's bytes.</summary>
public readonly ref struct ConvertRequest
{
    private const int PortLength = 2;

    /// <summary>Whether the client asks which TCP extensions are supported (Info TLV).</summary>
    public bool AsksForExtensions { get; private init; }

    /// <summary>The server to connect to (Connect TLV); null if the client only asks.</summary>
    public HostEndpoint? Server { get; private init; }

    /// <summary>The TCP options that the server's SYN is to have (Extended Connect TLV), unchecked; empty in a Base Connect TLV.</summary>
    public ReadOnlySpan<byte> TcpOptions { get; private init; }

    /// <summary>Whether there is a Cookie TLV.</summary>
    public bool HasCookie { get; private init; }

    /// <summary>The cookie, with its padding.</summary>
    public ReadOnlySpan<byte> Cookie { get; private init; }

    /// <summary>Reads a message, whose fixed header has been read already.</summary>
    /// <param name="message">As many octets as the fixed header says.</param>
    /// <param name="request">What is asked for, if all is well.</param>
    /// <returns><see cref="ConvertRefusal.None"/>, or the first fault in the order of the bytes.</returns>
    public static ConvertRefusal Read(ReadOnlySpan<byte> message, out ConvertRequest request)
    {
        request = default;
        var seen = default(UInt128);
        var asks = false;
        HostEndpoint? server = null;
        ReadOnlySpan<byte> options = default, cookie = default;
        var tlvs = new ConvertTlvReader(message[ConvertConstants.HeaderLength..]);
        while (tlvs.MoveNext())
        {
            switch (tlvs.Type)
            {
                case ConvertTlvType.Info when tlvs.Words == ConvertConstants.InfoWords:
                    asks = true;
                    break;
                case ConvertTlvType.Connect when tlvs.Words >= ConvertConstants.BaseConnectWords:
                    server = ReadServer(tlvs.Value, out options);
                    break;
                case ConvertTlvType.Cookie:
                    cookie = tlvs.Value[ConvertConstants.UnassignedLength..];
                    break;
                case ConvertTlvType.Info or ConvertTlvType.Connect:
                    return ConvertRefusal.MalformedMessage;
                case ConvertTlvType.Error:
                    return ConvertRefusal.ErrorFromClient;
                default:
                    return ConvertRefusal.UnsupportedMessage;
            }

            // Only types below 128 come here.
            var bit = UInt128.One << (byte)tlvs.Type;
            if ((seen & bit) != 0)
                return ConvertRefusal.DuplicateTlv;
            seen |= bit;
        }

        if (tlvs.Malformed || (server is null && !asks))
            return ConvertRefusal.MalformedMessage;
        request = new ConvertRequest
        {
            AsksForExtensions = asks,
            Server = server,
            TcpOptions = options,
            HasCookie = (seen & (UInt128.One << (byte)ConvertTlvType.Cookie)) != 0,
            Cookie = cookie,
        };
        return ConvertRefusal.None;
    }

    private static HostEndpoint ReadServer(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> options)
    {
        options = value[(PortLength + HostAddress.Ipv6Length)..];
        // IPv4 comes in its mapped form (RFC 4291 section 2.5.5.2), which is an IPv4 address here.
        return new HostEndpoint(
            HostAddress.FromIpv6(value[PortLength..]), new PortNumber(BinaryPrimitives.ReadUInt16BigEndian(value)));
    }
}
