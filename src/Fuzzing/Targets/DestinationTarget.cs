using System.Globalization;
using Middlebox.Fuzzing.Mutation;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Keys;
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

    private static readonly TagPolicy Tags = new(new SharedKeys(PlainClaim.Keys, signingKeyId: 63, PlainClaim.Proxies), AreRequired: true);

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
        var flow = segment.FlowFromClient;
        var isn = segment.Sequence;
        var finding = Reason.None;
        if (isNamed)
        {
            finding = Tags.Assess(in destination, in flow, isn);
            OracleException.Require(
                (finding == Reason.None) == PlainDestination.IsSignedRightly(packet, PlainClaim.Keys), $"tag: {finding}, and another reader says otherwise");
            Strip(packet, segment.TcpOffset, destination, offset);
        }

        var placed = Named.SelectMany(named => new[] { named, DestinationTags.Sign(in named, in flow, isn, Tags.Keys!) })
            .Aggregate(0, (all, named) => (all * 3) + TryName(packet, options, named));
        return HashCode.Combine(isNamed, destination.Length, destination.IsTransparent, offset, finding, placed, options.Length);
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
        if (named.Tag is not null && !AddressedSyn.TryRead(options, out _, out _))
            RequireRightTag(buffer[..length]);
        var kept = PacketChange.Kept(options);
        var now = PacketChange.Kept(PlainReader.Read(buffer[..length]).Options!);
        var withoutTimestamps = now.Count == kept.Count;
        if (withoutTimestamps)
            kept = PacketChange.Kept(options, before.Options.First(found => found.Octets[0] == Timestamps && found.Octets.Length == 10).Offset);
        PacketChange.Require(packet, buffer[..length], "name", [.. kept, Convert.ToHexString(option)]);
        return withoutTimestamps ? 2 : 1;
    }

    private static void RequireRightTag(byte[] packet)
    {
        TcpPacket.Read(packet, out var segment);
        var flow = segment.FlowFromClient;
        // There may be two, of options that name several before: then there is none.
        if (AddressedSyn.TryRead(segment.Options, out var destination, out _))
            OracleException.Require(Tags.Assess(in destination, in flow, segment.Sequence) == Reason.None, "name: a tag that the proxy does not take");
    }

    private static string Text(DestinationOption destination, int offset)
    {
        var octets = new byte[HostAddress.Ipv6Length];
        var address = Convert.ToHexString(octets, 0, destination.Server.Address.WriteTo(octets));
        return $"{address}:{destination.Server.Port.Value} transparent {destination.IsTransparent} at {offset}" + (destination.Tag is { } tag
            ? $" key {tag.KeyId} tag {tag.Value.ToString(destination.Server.Address.IsIpv4 ? "X12" : "X8", CultureInfo.InvariantCulture)}"
            : "");
    }
}
