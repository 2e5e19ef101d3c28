namespace Middlebox.Negotiation.Wire;

/// <summary>Why a packet cannot be read as TCP. A defect says nothing about whether it should be forwarded.</summary>
public enum PacketDefect
{
    /// <summary>The packet was read.</summary>
    None,

    /// <summary>It ends inside a fixed header.</summary>
    Truncated,

    /// <summary>Its version is neither 4 nor 6.</summary>
    NotIp,

    /// <summary>It carries another protocol.</summary>
    NotTcp,

    /// <summary>It is one fragment of several, or carries an IPv6 fragment header.</summary>
    Fragment,

    /// <summary>A header length is below its minimum or runs past the end of the packet.</summary>
    BadHeaderLength,

    /// <summary>The IP length field is shorter than the header or longer than the packet.</summary>
    BadTotalLength,

    /// <summary>More IPv6 extension headers than <see cref="IpConstants.MaximumExtensionHeaders"/>.</summary>
    TooManyExtensionHeaders,

    /// <summary>An IPv6 routing header that is not yet used up: the destination is not the connection's.</summary>
    SourceRouted,

    /// <summary>An IPv6 packet with an IPv4-mapped address, which would pass for an IPv4 flow.</summary>
    MappedAddress,
}
