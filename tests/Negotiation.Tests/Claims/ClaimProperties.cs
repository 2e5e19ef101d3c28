using FsCheck;
using FsCheck.Fluent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Tests.Wire;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Claims;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ClaimProperties
{
    private static readonly ExplicitSettings Settings = Operator.Settings();

    [Test]
    public void AnyConnectionAndClaim_RoundTrip() => WireGen.Holds(
        from fields in WireGen.Fields
        from proxy in WireGen.Word
        from preference in Gen.Choose(0, 7)
        from isRolled in WireGen.Bit
        select (fields, claim: new ProxyClaim(proxy, (byte)preference), isRolled),
        static sample =>
        {
            var flow = new FlowKey(sample.fields.Source, sample.fields.Destination);
            var option = SynClaims.Write(
                flow, sample.fields.Sequence, sample.claim, sample.isRolled ? Operator.RolledKeys : Operator.Keys);
            return option.Length == 14 && Read(sample.fields, option.Bytes.ToArray(), out var claim) && claim == sample.claim;
        });

    // The chance that a random tag is right is 2 to the power of -64, or -32: none of these is.
    [Test]
    public void AnyBytesThatWereNotMadeWithTheKey_NeverThrowAndAreNeverValid() => WireGen.Holds(
        from fields in WireGen.Fields
        from options in Gen.OneOf(WireGen.Octets(40), WireGen.Options, ClaimLike)
        select (fields, options),
        static sample => !Read(sample.fields, sample.options, out _) && Verify(sample.fields, sample.options) != true);

    /// <summary>Options that begin as a claim and go on at random.</summary>
    private static Gen<byte[]> ClaimLike { get; } =
        from length in Gen.Elements(6, 8, 14)
        from flags in Gen.Choose(0, 15)
        from content in WireGen.Octets(length - 3)
        from key in Gen.Elements<byte>(Operator.OldKeyId, Operator.NewKeyId, 0, 2)
        select (byte[])[30, (byte)length, (byte)(0xF0 | flags), key, .. content[1..]];

    private static bool Read(TcpSegmentFields fields, byte[] options, out ProxyClaim claim)
    {
        // MP_CAPABLE is in front, so that only the claim can be wrong.
        TcpPacket.Read(Build(fields, [30, 4, 1, 1], options), out var syn);
        var read = HandshakeOptions.Read(syn.Options);
        return SynClaims.Read(in syn, in read, Settings, out claim) == ClaimFinding.Valid;
    }

    private static bool? Verify(TcpSegmentFields fields, byte[] options)
    {
        TcpPacket.Read(Build(fields, [30, 12, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8], options), out var synAck);
        return SynAckClaims.Verify(in synAck, Operator.Keys, acceptUnsigned: false, out _);
    }

    private static byte[] Build(TcpSegmentFields fields, byte[] first, byte[] options)
    {
        byte[] all = [.. first, .. options];
        var packet = new byte[200];
        return packet[..TcpSegmentWriter.Write(packet, fields, all.AsSpan(0, Math.Min(all.Length, 40)), [])];
    }
}
