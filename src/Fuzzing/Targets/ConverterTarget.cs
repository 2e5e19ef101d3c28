using Middlebox.Fuzzing.Mutation;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Targets;

/// <summary>The first octets of a connection to the converter, read as a client's message and as a converter's.</summary>
public sealed class ConverterTarget : IFuzzTarget
{
    private static readonly TcpOptionKind[] Supported = [(TcpOptionKind)30, (TcpOptionKind)4, (TcpOptionKind)8];
    private static readonly ConnectOptions Options = new(Supported);
    private static readonly ConverterPolicy Anywhere = new([AddressPrefix.Any], [AddressPrefix.Any], PortSet.Any, hairpinning: true);
    private static readonly HostAddress Client = HostAddress.Parse("198.18.1.2");

    private readonly ConvertCookies _cookies = new(TimeSpan.FromHours(1), new StillTime());

    // Headers, TLVs by type and length, addresses that are none to connect to.
    public IMutator Mutator { get; } = new ByteMutator(
        [
            [1, 1, 0x22, 0x63], [1, 6, 0x22, 0x63], [1, 255, 0x22, 0x63], [0x01, 1, 0, 0], [0x0A, 5], [0x0A, 6], [0x0A, 15], [0x0A, 16], [0x14, 1], [0x14, 11],
            [0x15, 1], [0x16, 1], [0x16, 5, 0, 0], [0x1E, 1], [0x1E, 2], [30, 2], [4, 2], [8, 10], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], [127, 0, 0, 1],
            [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0], [0xFF, 0x02], [0xFE, 0x80],
        ],
        longest: ConvertConstants.MaximumMessageLength);

    public int Run(byte[] input)
    {
        var refusal = ConvertHeader.Read(input, out var header);
        OracleException.Require($"{refusal}" == PlainConvert.OfHeader(input), $"header: {refusal}, expected {PlainConvert.OfHeader(input)}");
        if (refusal != ConvertRefusal.None)
            return (int)refusal;

        // As much as the header says, whatever came.
        byte[] message = [.. input.Take(header.MessageLength), .. new byte[Math.Max(0, header.MessageLength - input.Length)]];
        OracleException.Require(
            Allocation.Of(() => ConvertRequest.Read(message, out _) == ConvertRefusal.None | ConvertReply.TryRead(message, out _)) == 0, "reading has allocated");
        return HashCode.Combine(RunRequest(message), RunReply(message));
    }

    private int RunRequest(byte[] message)
    {
        var refusal = ConvertRequest.Read(message, out var request);
        var text = refusal == ConvertRefusal.None ? Text(in request) : $"{refusal}";
        var expected = PlainConvert.OfRequest(message);
        OracleException.Require(text == expected, $"request: {text}, expected {expected}");
        if (refusal != ConvertRefusal.None)
            return (int)refusal;

        OracleException.Require(!_cookies.IsValid(Client, request.Cookie), "a cookie that nobody was given is valid");
        var options = CheckOptions(request.TcpOptions);
        var place = request.Server is { } server ? Judge(in server) : ConvertRefusal.None;
        RequireSame(in request, text);
        return HashCode.Combine(options, place, request.AsksForExtensions, request.HasCookie, request.Server?.Address.IsIpv4, request.TcpOptions.Length);
    }

    private static int RunReply(byte[] message)
    {
        var isThere = ConvertReply.TryRead(message, out var reply);
        var text = isThere ? Text(in reply) : "reset";
        var expected = PlainConvert.OfReply(message);
        OracleException.Require(text == expected, $"reply: {text}, expected {expected}");
        return isThere ? HashCode.Combine(reply.Error, reply.HasServerOptions, reply.SupportedExtensions.Length, reply.ErrorRest.Length) : -1;
    }

    private static ConvertRefusal CheckOptions(ReadOnlySpan<byte> options)
    {
        var kinds = new byte[options.Length];
        var refusal = Options.Check(options, kinds, out var count);
        var expected = PlainConvert.Unsupported(options.ToArray(), [.. Supported.Select(kind => (byte)kind)]);
        var isSame = expected switch
        {
            null => refusal == ConvertRefusal.MalformedMessage,
            [] => refusal == ConvertRefusal.None,
            _ => refusal == ConvertRefusal.UnsupportedTcpOption && kinds.AsSpan(0, count).SequenceEqual(expected),
        };
        OracleException.Require(isSame, $"options {Convert.ToHexString(options)}: {refusal}, {Convert.ToHexString(kinds, 0, count)}");
        return refusal;
    }

    // By what the runtime's own library says of addresses.
    private static ConvertRefusal Judge(in HostEndpoint server)
    {
        var octets = new byte[HostAddress.Ipv6Length];
        var address = new System.Net.IPAddress(octets.AsSpan(0, server.Address.WriteTo(octets)));
        var refusal = Anywhere.Assess(Client, in server);
        var isNone = System.Net.IPAddress.IsLoopback(address) || address.IsIPv6Multicast || address.IsIPv6LinkLocal || server.Port.Value == 0
            || address.Equals(System.Net.IPAddress.Any) || address.Equals(System.Net.IPAddress.IPv6Any) || address.Equals(System.Net.IPAddress.Broadcast)
            || (server.Address.IsIpv4 && octets[0] is >= 224 and < 240);
        OracleException.Require(!isNone || refusal != ConvertRefusal.None, $"{server} is none to connect to");
        return refusal;
    }

    /// <summary>What is written with what was read reads as that.</summary>
    private static void RequireSame(in ConvertRequest request, string text)
    {
        if (request.TcpOptions.Length > TcpConstants.MaximumOptionsLength)
            return;
        var writer = new ConvertMessageWriter(new byte[ConvertConstants.MaximumMessageLength]);
        if (request.AsksForExtensions)
            writer.AddInfo();
        if (request.Server is { } server)
            writer.AddConnect(in server, request.TcpOptions);
        if (request.HasCookie)
            writer.AddCookie(request.Cookie);
        var refusal = ConvertRequest.Read(writer.Finish(), out var again);
        OracleException.Require(refusal == ConvertRefusal.None && Text(in again) == text, $"written again it is {refusal}, {Text(in again)}, was {text}");
    }

    private static string Text(in ConvertRequest request)
    {
        var cookie = request.HasCookie ? $"'{Convert.ToHexString(request.Cookie)}'" : "none";
        var server = request.Server is { } endpoint ? Text(in endpoint) : "none";
        return $"extensions {request.AsksForExtensions}, server {server}, options {Convert.ToHexString(request.TcpOptions)}, cookie {cookie}";
    }

    private static string Text(in ConvertReply reply)
    {
        var error = reply.Error is { } code ? $"'{(byte)code:X2}{reply.ErrorValue:X2}{Convert.ToHexString(reply.ErrorRest)}'" : "none";
        var options = reply.HasServerOptions ? $"'{Convert.ToHexString(reply.ServerOptions)}'" : "none";
        return $"error {error}, options {options}, extensions {Convert.ToHexString(reply.SupportedExtensions)}";
    }

    private static string Text(in HostEndpoint endpoint)
    {
        var octets = new byte[HostAddress.Ipv6Length];
        return $"{Convert.ToHexString(octets, 0, endpoint.Address.WriteTo(octets))}:{endpoint.Port.Value}";
    }
}
