using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Wire;

/// <summary>
/// ADD_ADDR: announces an address, or repeats an announcement as its receipt (RFC 8684 section 3.4.1).
/// </summary>
/// <param name="AddressId">Id of the address, unique per connection and sender; the initial subflow's is 0.</param>
/// <param name="Address">The address. The option's length tells its family.</param>
/// <param name="Port">Port to connect to; null is the port of the subflow that carries the option.</param>
/// <param name="Hmac">Rightmost 64 bits of the HMAC, network byte order; null makes the option an echo (E).</param>
public readonly record struct AddAddress(byte AddressId, HostAddress Address, PortNumber? Port, ulong? Hmac)
    : IMptcpOption<AddAddress>
{
    private const int AddressIdOffset = 3;
    private const int PortLength = 2;

    /// <summary>Whether this is a receipt.</summary>
    public bool IsEcho => Hmac is null;

    /// <summary>Octets: IPv4 16, with port 18; IPv6 28, with port 30; an echo 8 less.</summary>
    public int Length =>
        MptcpConstants.AddAddressHeaderLength
        + Address.Length
        + (Port is null ? 0 : PortLength)
        + (IsEcho ? 0 : MptcpConstants.AddAddressHmacLength);

    /// <summary>Reads a whole option.</summary>
    /// <returns>False for any other option, for other lengths, and for an IPv4-mapped address in IPv6 form.</returns>
    public static bool TryRead(ReadOnlySpan<byte> option, out AddAddress value)
    {
        value = default;
        if (option.Length < MptcpConstants.AddAddressHeaderLength || !MptcpOption.Is(option, MptcpSubtype.AddAddress))
            return false;

        var isEcho = (MptcpOption.LowNibble(option) & MptcpConstants.EchoFlag) != 0;
        var rest = option[MptcpConstants.AddAddressHeaderLength..];
        var endpointLength = rest.Length - (isEcho ? 0 : MptcpConstants.AddAddressHmacLength);
        var isIpv4 = endpointLength is HostAddress.Ipv4Length or HostAddress.Ipv4Length + PortLength;
        if (!isIpv4 && endpointLength is not (HostAddress.Ipv6Length or HostAddress.Ipv6Length + PortLength))
            return false;

        var address = isIpv4 ? HostAddress.FromIpv4(rest) : HostAddress.FromIpv6(rest);
        if (address.IsIpv4 != isIpv4)
            return false;

        PortNumber? port = endpointLength == address.Length
            ? null
            : new PortNumber(BinaryPrimitives.ReadUInt16BigEndian(rest[address.Length..]));
        ulong? hmac = isEcho ? null : BinaryPrimitives.ReadUInt64BigEndian(rest[endpointLength..]);
        value = new AddAddress(option[AddressIdOffset], address, port, hmac);
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var flags = IsEcho ? MptcpConstants.EchoFlag : 0;
        var option = MptcpOption.Begin(destination, MptcpSubtype.AddAddress, Length, flags);
        option[AddressIdOffset] = AddressId;
        var rest = option[MptcpConstants.AddAddressHeaderLength..];
        rest = rest[Address.WriteTo(rest)..];
        if (Port is { } port)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, port.Value);
            rest = rest[PortLength..];
        }

        if (Hmac is { } hmac)
            BinaryPrimitives.WriteUInt64BigEndian(rest, hmac);

        return option.Length;
    }
}
