using Middlebox.Fuzzing.Mutation;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Targets;

/// <summary>SYNs that name a server to a proxy, as the proxy reads them and takes the option out, and as a host puts it in.</summary>
public sealed class DestinationTarget : IFuzzTarget
{
    private const byte Guard = 0xA5;
    private const int Timestamps = 8;

    private static readonly DestinationOption[] Named =
    [
        new(HostEndpoint.Parse("198.18.11.2:443"), IsTransparent: true),
        new(HostEndpoint.Parse("[2001:db8:11::2]:443"), IsTransparent: false),
    ];

    public IMutator Mutator { get; } = new PacketMutator();

    public int Run(byte[] input)
    {
        if (TcpPacket.Read(input, out var segment) != PacketDefect.None)
            return 0;
        var packet = segment.Bytes.ToArray();
        var options = segment.Options.ToArray();
        var isNamed = AddressedSyn.TryRead(options, out var destination, out var offset);
        var (text, expected) = (isNamed ? Text(destination, offset) : "none", PlainDestination.Of(options));
        OracleException.Require(text == expected, $"read as {text}, expected {expected}");
        OracleException.Require(Allocation.Of(() => AddressedSyn.TryRead(options, out _, out _)) == 0, "reading has allocated");
        if (isNamed)
            Strip(packet, segment.TcpOffset, destination, offset);
        var placed = Named.Select(named => TryName(packet, options, named)).ToArray();
        return HashCode.Combine(isNamed, destination.Length, destination.IsTransparent, offset, placed[0], placed[1], options.Length);
    }

    private static void Strip(byte[] packet, int tcpOffset, DestinationOption destination, int offset)
    {
        var buffer = (byte[])packet.Clone();
        var length = AddressedSyn.Strip(buffer, tcpOffset, destination, offset);
        PacketChange.Require(packet, buffer[..length], "strip", PacketChange.Kept(PlainReader.Read(packet).Options!, offset));
    }

    /// <returns>What became of the packet: not changed, with the option, or with it in the place of timestamps.</returns>
    private static int TryName(byte[] packet, byte[] options, DestinationOption named)
    {
        byte[] buffer = [.. packet, .. Enumerable.Repeat(Guard, AddressedSyn.MaximumGrowth + 1)];
        var length = packet.Length;
        var isPlaced = AddressedSyn.TryName(buffer.AsSpan(0, packet.Length + AddressedSyn.MaximumGrowth), ref length, named);
        OracleException.Require(buffer[^1] == Guard, "name: written behind the buffer");
        if (!isPlaced)
        {
            OracleException.Require(length == packet.Length && packet.AsSpan().SequenceEqual(buffer.AsSpan(0, length)), "name: refused, and changed");
            return 0;
        }

        var option = new byte[named.Length];
        named.Write(option);
        var before = PlainReader.Walk(options);
        OracleException.Require(!before.Malformed, "name: in malformed options");
        var kept = PacketChange.Kept(options);
        var now = PacketChange.Kept(PlainReader.Read(buffer[..length]).Options!);
        var withoutTimestamps = now.Count == kept.Count;
        if (withoutTimestamps)
            kept = PacketChange.Kept(options, before.Options.First(found => found.Octets[0] == Timestamps && found.Octets.Length == 10).Offset);
        PacketChange.Require(packet, buffer[..length], "name", [.. kept, Convert.ToHexString(option)]);
        return withoutTimestamps ? 2 : 1;
    }

    private static string Text(DestinationOption destination, int offset)
    {
        var octets = new byte[HostAddress.Ipv6Length];
        var address = Convert.ToHexString(octets, 0, destination.Server.Address.WriteTo(octets));
        return $"{address}:{destination.Server.Port.Value} transparent {destination.IsTransparent} at {offset}";
    }
}
