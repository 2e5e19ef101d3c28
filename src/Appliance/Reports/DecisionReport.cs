using System.Globalization;
using System.Text.Json;
using Middlebox.Negotiation;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Appliance.Reports;

/// <summary>One decision as <c>trace</c> and <c>explain</c> tell it; the JSON names are a contract.</summary>
/// <param name="Time">When.</param>
/// <param name="Client">Address and port of the client.</param>
/// <param name="Server">Address and port of the server.</param>
/// <param name="Segment">What was seen: SYN, SYN/ACK, RST; null if a context ended without a segment.</param>
/// <param name="Verdict">What was done; null without a segment.</param>
/// <param name="Reason">Why.</param>
/// <param name="Edits">What was changed; null for nothing.</param>
/// <param name="Token">Token of an MP_JOIN, hexadecimal; null for other segments.</param>
/// <param name="PacketLength">Bytes of the packet as it came; null without one.</param>
/// <param name="Packet">Its beginning, if that was asked for.</param>
/// <param name="Proxy">Address and port of the proxy to which the server is named, by this host or, if it is this box, to it; null if there is none.</param>
public sealed record DecisionReport(
    DateTimeOffset Time,
    string Client,
    string Server,
    string? Segment,
    Verdict? Verdict,
    Reason Reason,
    SegmentEdits? Edits,
    string? Token,
    int? PacketLength,
    byte[]? Packet,
    string? Proxy)
{
    public static DecisionReport Of(in DecisionRecord record, DateTimeOffset time, byte[]? packet = null) => new(
        time,
        record.Flow.Client.ToString(),
        record.Flow.Server.ToString(),
        record.HasSegment ? NameOf(record.Segment) : null,
        record.HasSegment ? record.Verdict : null,
        record.Reason,
        record.Edits == SegmentEdits.None ? null : record.Edits,
        record.Token == 0 ? null : record.Token.ToString("x8", CultureInfo.InvariantCulture),
        record.HasSegment ? record.PacketLength : null,
        packet,
        record.Proxy == default ? null : record.Proxy.ToString());

    /// <summary>The decision on one line, without time and addresses.</summary>
    public string Describe() =>
        (Segment is null ? "context ended" : $"{Segment}{(Token is null ? "" : $" MP_JOIN {Token}")}: {NameOf(Verdict!.Value)}")
        + (Edits is { } edits ? $" ({NameOf(edits)})" : "")
        + $", {JsonNamingPolicy.CamelCase.ConvertName(Reason.ToString())}: {Reason.Describe()}"
        + (Proxy is null ? "" : $" ({Proxy})");

    private static string NameOf(Enum value) => value.ToString().ToLowerInvariant();

    private static string NameOf(TcpFlags flags) => (flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) switch
    {
        TcpFlags.Syn => "SYN",
        TcpFlags.Syn | TcpFlags.Ack => "SYN/ACK",
        _ => "RST",
    };
}
