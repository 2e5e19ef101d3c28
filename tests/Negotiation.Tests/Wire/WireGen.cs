using FsCheck;
using FsCheck.Fluent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Wire;

/// <summary>Generators of wire values for property tests.</summary>
internal static class WireGen
{
    public static Gen<byte> Octet { get; } = Gen.Choose(0, 255).Select(value => (byte)value);

    public static Gen<ushort> Word { get; } = Gen.Choose(0, ushort.MaxValue).Select(value => (ushort)value);

    public static Gen<uint> Number { get; } =
        Octets(4).Select(octets => BitConverter.ToUInt32(octets));

    public static Gen<ulong> LongNumber { get; } =
        Octets(8).Select(octets => BitConverter.ToUInt64(octets));

    public static Gen<bool> Bit { get; } = Gen.Elements(true, false);

    // Zero groups are what the text form of IPv6 is about, so they are common here.
    public static Gen<HostAddress> Address { get; } = Gen.OneOf(
        Octets(4).Select(octets => HostAddress.FromIpv4(octets)),
        Octets(16).Select(octets => HostAddress.FromIpv6(octets)),
        Gen.OneOf(Gen.Constant((byte)0), Octet).ArrayOf(16).Select(octets => HostAddress.FromIpv6(octets)));

    public static Gen<HostEndpoint> Endpoint { get; } =
        from address in Address
        from port in Word
        select new HostEndpoint(address, new PortNumber(port));

    public static Gen<FlowKey> Flow { get; } =
        from client in Endpoint
        from server in Endpoint
        where client.Address.IsIpv4 == server.Address.IsIpv4
        select new FlowKey(client, server);

    public static Gen<TcpSegmentFields> Fields { get; } =
        from flow in Flow
        from sequence in Number
        from acknowledgment in Number
        from flags in Octet
        from window in Word
        from trafficClass in Octet
        select new TcpSegmentFields(
            flow.Client, flow.Server, sequence, acknowledgment, (TcpFlags)flags, window, trafficClass);

    private static Gen<byte[]> Option { get; } =
        from length in Gen.Choose(1, 14)
        from kind in Octet
        from content in Octets(length)
        select length == 1 ? new byte[] { 1 } : [Math.Max(kind, (byte)2), (byte)length, .. content[2..]];

    /// <summary>Well-formed options in random order with NOPs between them, at most 40 octets.</summary>
    public static Gen<byte[]> Options { get; } =
        Gen.Choose(0, 12).SelectMany(count => Option.ArrayOf(count)).Select(options =>
        {
            var bytes = new List<byte>();
            foreach (var option in options)
            {
                if (bytes.Count + option.Length <= TcpConstants.MaximumOptionsLength)
                    bytes.AddRange(option);
            }

            return bytes.ToArray();
        });

    public static Gen<byte[]> Octets(int count) => Octet.ArrayOf(count);

    /// <summary>Checks a property on 500 samples.</summary>
    public static void Holds<T>(Gen<T> samples, Func<T, bool> property) =>
        Prop.ForAll(samples.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
