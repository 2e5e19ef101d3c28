using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Addressed;

/// <summary>
/// The option by which a host names its server to a proxy, in a SYN to the proxy (docs/addressed.md): MP_EXPERIMENTAL without the P flag of a claim, a type or the
/// id of a key, address and port, and a tag with that key.
/// </summary>
/// <param name="Server">Where the host wants to go. The option's length tells the family.</param>
/// <param name="IsTransparent">
/// T: the host's own kernel takes itself for connected to the server, because the way to the proxy is a translation behind its back. It may open subflows to the
/// server's address itself, and is told of that address with the proxy's port: of one that it is connected to, Linux takes no notice.
/// </param>
/// <param name="Tag">S: null for a host without a key. See <see cref="DestinationTags"/>.</param>
public readonly record struct DestinationOption(HostEndpoint Server, bool IsTransparent, DestinationTag? Tag = null) : IMptcpOption<DestinationOption>
{
    /// <summary>Octets of the longest one.</summary>
    public const int MaximumLength = Ipv6OptionLength + DestinationTag.Ipv6Length;

    private const byte TransparentFlag = 0x01;
    private const byte SignedFlag = 0x02;
    private const byte Type = 1;
    private const int TypeOffset = 3;
    private const int AddressOffset = 4;
    private const int PortLength = 2;
    private const int Ipv4OptionLength = AddressOffset + HostAddress.Ipv4Length + PortLength;
    private const int Ipv6OptionLength = AddressOffset + HostAddress.Ipv6Length + PortLength;

    /// <summary>Octets: IPv4 10, IPv6 22; with a tag IPv4 16, IPv6 26.</summary>
    public int Length => LengthOf(Server.Address.IsIpv4, Tag is not null);

    /// <summary>Reads a whole option.</summary>
    /// <returns>
    /// False for any other option, also of another type or version or with other flags, and for an IPv4-mapped address in IPv6 form. Whether the tag is right is not looked at.
    /// </returns>
    public static bool TryRead(ReadOnlySpan<byte> option, out DestinationOption value)
    {
        value = default;
        if (!MptcpOption.Is(option, MptcpSubtype.MpExperimental))
            return false;
        var flags = MptcpOption.LowNibble(option);
        var isSigned = (flags & SignedFlag) != 0;
        var isIpv4 = option.Length == LengthOf(isIpv4: true, isSigned);
        if ((flags & ~(TransparentFlag | SignedFlag)) != 0
            || (!isIpv4 && option.Length != LengthOf(isIpv4: false, isSigned))
            || (isSigned ? option[TypeOffset] > SharedKeys.HighestId : option[TypeOffset] != Type))
            return false;

        var address = isIpv4 ? HostAddress.FromIpv4(option[AddressOffset..]) : HostAddress.FromIpv6(option[AddressOffset..]);
        if (address.IsIpv4 != isIpv4)
            return false;
        var rest = option[(AddressOffset + address.Length)..];
        value = new DestinationOption(
            new HostEndpoint(address, new PortNumber(BinaryPrimitives.ReadUInt16BigEndian(rest))),
            (flags & TransparentFlag) != 0,
            isSigned ? DestinationTag.Read(option[TypeOffset], rest[PortLength..]) : null);
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var flags = (IsTransparent ? TransparentFlag : 0) | (Tag is null ? 0 : SignedFlag);
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpExperimental, Length, flags);
        option[TypeOffset] = Tag?.KeyId ?? Type;
        var rest = option[(AddressOffset + Server.Address.WriteTo(option[AddressOffset..]))..];
        BinaryPrimitives.WriteUInt16BigEndian(rest, Server.Port.Value);
        Tag?.Write(rest[PortLength..]);
        return option.Length;
    }

    private static int LengthOf(bool isIpv4, bool isSigned) => isIpv4
        ? Ipv4OptionLength + (isSigned ? DestinationTag.Ipv4Length : 0)
        : Ipv6OptionLength + (isSigned ? DestinationTag.Ipv6Length : 0);
}
