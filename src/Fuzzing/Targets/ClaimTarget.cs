using Middlebox.Fuzzing.Mutation;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Targets;

/// <summary>Claims of other boxes in SYNs and SYN/ACKs, to a box that takes signed ones only.</summary>
public sealed class ClaimTarget : IFuzzTarget
{
    private static readonly SharedKeys Keys = new(PlainClaim.Keys, signingKeyId: 1, PlainClaim.Proxies);
    private static readonly ExplicitSettings Settings = new(17, 4, ClaimCarrier.Option, Keys, AcceptUnsigned: false);

    public IMutator Mutator { get; } = new PacketMutator();

    public int Run(byte[] input)
    {
        if (TcpPacket.Read(input, out var segment) != PacketDefect.None)
            return 0;
        var options = HandshakeOptions.Read(segment.Options);
        var packet = segment.Bytes.ToArray();

        var found = SynClaims.Read(in segment, in options, Settings, out var claim);
        Compare(found, claim, PlainClaim.OfSyn(packet, in segment), "SYN");
        var foundInAnswer = SynAckClaims.Read(in segment, in options, Keys, acceptUnsigned: false, out var claimInAnswer);
        Compare(foundInAnswer, claimInAnswer, PlainClaim.OfSynAck(packet, in segment), "SYN/ACK");
        RequireUnsigned(in segment, in options, found);
        return HashCode.Combine(found, foundInAnswer, claim, claimInAnswer, options.ClaimLength, options.MpCapable);
    }

    private static void Compare(ClaimFinding found, ProxyClaim claim, string expected, string segment)
    {
        var actual = found switch
        {
            ClaimFinding.Absent => "absent",
            ClaimFinding.Rejected => "rejected",
            _ => $"valid {claim.ProxyId} {claim.Preference}",
        };
        OracleException.Require(actual == expected, $"{segment}: {actual}, expected {expected}");
    }

    // Who takes unsigned claims must not be stricter than who does not.
    private static void RequireUnsigned(in TcpPacket segment, in HandshakeOptions options, ClaimFinding found)
    {
        var lenient = SynClaims.Read(in segment, in options, Settings with { AcceptUnsigned = true }, out _);
        OracleException.Require(found != ClaimFinding.Valid || lenient == ClaimFinding.Valid, "valid only for who takes signed claims alone");
        OracleException.Require((found == ClaimFinding.Absent) == (lenient == ClaimFinding.Absent), "there for one, and not for the other");
    }
}
