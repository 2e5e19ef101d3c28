using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Oracles;

/// <summary>Two readers, one opinion: the product's and the plain one.</summary>
internal static class ReaderComparison
{
    /// <summary>Reads a packet by both.</summary>
    /// <returns>What the plain reader says.</returns>
    /// <exception cref="OracleException">They differ.</exception>
    public static PlainReader.Reading OfPackets(byte[] bytes)
    {
        var expected = PlainReader.Read(bytes);
        var defect = TcpPacket.Read(bytes, out var packet);
        OracleException.Require(defect.ToString() == expected.Defect, $"read as {defect}, expected {expected.Defect}");
        if (defect != PacketDefect.None)
            return expected;

        var text = $"{Plain(packet.Source)} > {Plain(packet.Destination)}"
            + $" seq {packet.Sequence:X8} ack {packet.Acknowledgment:X8}"
            + $" flags {(byte)packet.Flags} window {packet.Window} class {packet.TrafficClass}"
            + $" payload {packet.PayloadLength}";
        OracleException.Require(text == expected.Text, $"read as {text}, expected {expected.Text}");
        OracleException.Require(
            packet.TcpOffset == expected.TcpOffset
            && packet.Bytes.Length == expected.Length
            && packet.Options.SequenceEqual(expected.Options),
            "lengths differ");
        OfOptions(expected.Options!);
        return expected;
    }

    /// <summary>Walks options by both.</summary>
    /// <exception cref="OracleException">They differ.</exception>
    public static PlainReader.OptionList OfOptions(byte[] area)
    {
        var expected = PlainReader.Walk(area);
        var reader = new TcpOptionReader(area);
        foreach (var (offset, octets) in expected.Options)
        {
            OracleException.Require(
                reader.MoveNext() && reader.Offset == offset && reader.Bytes.SequenceEqual(octets), $"option at {offset} differs");
        }

        OracleException.Require(!reader.MoveNext() && reader.Malformed == expected.Malformed, "end of options differs");
        var actual = HandshakeSummary.Of(HandshakeOptions.Read(area));
        OracleException.Require(actual == HandshakeSummary.Of(expected), $"read as {actual}, expected {HandshakeSummary.Of(expected)}");
        return expected;
    }

    private static string Plain(HostEndpoint endpoint)
    {
        var octets = new byte[HostAddress.Ipv6Length];
        return $"{Convert.ToHexString(octets, 0, endpoint.Address.WriteTo(octets))}:{endpoint.Port}";
    }
}
