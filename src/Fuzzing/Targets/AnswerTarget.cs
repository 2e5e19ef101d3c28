using Middlebox.Fuzzing.Mutation;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;

namespace Middlebox.Fuzzing.Targets;

/// <summary>Packets in which the converter looks for what servers and routers say to its connection attempts.</summary>
public sealed class AnswerTarget : IFuzzTarget
{
    public IMutator Mutator { get; } = new PacketMutator();

    public int Run(byte[] input)
    {
        var isAnswer = ServerAnswer.TryRead(input, out var answer);
        var text = !isAnswer ? "none"
            : answer.UnreachableCode is { } code ? $"unreachable {code} {Text(answer.Attempt)}"
            : $"SYN/ACK {Text(answer.Attempt)} {Convert.ToHexString(answer.Options)}";
        var expected = PlainConvert.OfAnswer(input);
        OracleException.Require(text == expected, $"read as {text}, expected {expected}");
        OracleException.Require(Allocation.Of(() => ServerAnswer.TryRead(input, out _)) == 0, "reading has allocated");
        return isAnswer ? HashCode.Combine(answer.UnreachableCode, answer.Options.Length, answer.Attempt.Client.Address.IsIpv4) : PlainReader.Read(input).Defect.GetHashCode(StringComparison.Ordinal);
    }

    private static string Text(FlowKey attempt) => $"{Text(attempt.Client)} > {Text(attempt.Server)}";

    private static string Text(HostEndpoint endpoint)
    {
        var octets = new byte[HostAddress.Ipv6Length];
        return $"{Convert.ToHexString(octets, 0, endpoint.Address.WriteTo(octets))}:{endpoint.Port.Value}";
    }
}
