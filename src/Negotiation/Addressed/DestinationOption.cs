using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Addressed;

/// <summary>
/// The option by which a host names its server to a proxy, in a SYN to the proxy (docs/addressed.md): MP_EXPERIMENTAL without the P flag of a claim, a type,
/// address and port.
/// </summary>
/// <param name="Server">Where the host wants to go. The option's length tells the family.</param>
/// <param name="IsTransparent">
/// T: the host's own kernel takes itself for connected to the server, because the way to the proxy is a translation behind its back. It may open subflows to the
/// server's address itself, and is told of that address with the proxy's port: of one that it is connected to, Linux takes no notice.
/// </param>
public readonly record struct DestinationOption(HostEndpoint Server, bool IsTransparent) : IMptcpOption<DestinationOption>
{
    private const byte TransparentFlag = 0x01;
    private const byte Type = 1;
    private const int TypeOffset = 3;
    private const int AddressOffset = 4;
    private const int PortLength = 2;

    /// <summary>Octets: IPv4 10, IPv6 22.</summary>
    public int Length => AddressOffset + Server.Address.Length + PortLength;

    /// <summary>Reads a whole option.</summary>
    /// <returns>False for any other option, also of another type or with other flags, and for an IPv4-mapped address in IPv6 form.</returns>
    public static bool TryRead(ReadOnlySpan<byte> option, out DestinationOption value)
    {
        value = default;
        const int Ipv4OptionLength = AddressOffset + HostAddress.Ipv4Length + PortLength;
        const int Ipv6OptionLength = AddressOffset + HostAddress.Ipv6Length + PortLength;
        if (option.Length is not (Ipv4OptionLength or Ipv6OptionLength)
            || !MptcpOption.Is(option, MptcpSubtype.MpExperimental)
            || (MptcpOption.LowNibble(option) & ~TransparentFlag) != 0
            || option[TypeOffset] != Type)
            return false;

        var isIpv4 = option.Length == Ipv4OptionLength;
        var address = isIpv4 ? HostAddress.FromIpv4(option[AddressOffset..]) : HostAddress.FromIpv6(option[AddressOffset..]);
        if (address.IsIpv4 != isIpv4)
            return false;
        value = new DestinationOption(
            new HostEndpoint(address, new PortNumber(BinaryPrimitives.ReadUInt16BigEndian(option[(AddressOffset + address.Length)..]))),
            MptcpOption.LowNibble(option) == TransparentFlag);
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpExperimental, Length, IsTransparent ? TransparentFlag : 0);
        option[TypeOffset] = Type;
        var length = Server.Address.WriteTo(option[AddressOffset..]);
        BinaryPrimitives.WriteUInt16BigEndian(option[(AddressOffset + length)..], Server.Port.Value);
        return option.Length;
    }
}
