using Middlebox.Fuzzing.Mutation;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Targets;

/// <summary>The codec of MPTCP options.</summary>
public sealed class OptionTarget : IFuzzTarget
{
    private const byte Guard = 0xA5;

    public IMutator Mutator { get; } = new ByteMutator(
        [[30, 4], [30, 12], [30, 20], [30, 22], [30, 24], [30, 3], [30, 6], [30, 8], [30, 16], [30, 26], [0x00], [0x10], [0x20], [0x30], [0x40], [0x80], [0xF8]],
        longest: 64);

    public int Run(byte[] input)
    {
        int[] taken =
        [
            Check<MpCapable>(input), Check<MpJoinSyn>(input), Check<MpJoinSynAck>(input), Check<MpJoinAck>(input), Check<Dss>(input),
            Check<AddAddress>(input), Check<RemoveAddress>(input), Check<MpPriority>(input), Check<MpFail>(input), Check<MpFastclose>(input),
            Check<MpReset>(input), Check<MpExperimental>(input),
        ];
        OracleException.Require(taken.Count(length => length > 0) <= 1, "several types take this option");
        var isOption = MptcpOption.TryReadSubtype(input, out var subtype);
        OracleException.Require(isOption || taken.All(length => length == 0), "taken, and is no MPTCP option");
        return HashCode.Combine(isOption, subtype, Array.FindIndex(taken, length => length > 0), taken.Max(), taken.All(length => length == 0) ? 0 : input[2] & 15);
    }

    /// <returns>Octets of the option; 0 if the type does not take it.</returns>
    private static int Check<T>(byte[] input)
        where T : IMptcpOption<T>, allows ref struct
    {
        if (!T.TryRead(input, out var value))
            return 0;
        var name = typeof(T).Name;
        OracleException.Require(value.Length == input.Length, $"{name}: length {value.Length} of {input.Length}");
        var first = Enumerable.Repeat(Guard, input.Length + 8).ToArray();
        OracleException.Require(value.Write(first) == input.Length, $"{name}: another length is written");
        OracleException.Require(first.AsSpan(input.Length).IndexOfAnyExcept(Guard) < 0, $"{name}: written behind the option");

        // Reserved bits are not kept; everything else is.
        var written = first[..input.Length];
        OracleException.Require(T.TryRead(written, out var again), $"{name}: what is written cannot be read");
        var second = new byte[input.Length];
        again.Write(second);
        OracleException.Require(written.AsSpan().SequenceEqual(second), $"{name}: {Convert.ToHexString(written)} is written, then {Convert.ToHexString(second)}");
        return input.Length;
    }
}
