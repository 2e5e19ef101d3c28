using FsCheck;
using FsCheck.Fluent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class MptcpOptionProperties
{
    private static readonly Gen<MpCapableFlags> CapableFlags = WireGen.Octet.Select(octet => (MpCapableFlags)octet);

    private static readonly Gen<(ulong First, ulong Second)> Numbers =
        from first in WireGen.LongNumber
        from second in WireGen.LongNumber
        select (first, second);

    [Test]
    public void MpCapable_WrittenThenRead_IsTheSame() =>
        HoldsRoundTrip(
            from flags in CapableFlags
            from keys in Numbers
            from length in WireGen.Word
            from option in Gen.Elements(
                MpCapable.Syn(flags),
                MpCapable.SynAck(flags, keys.First),
                MpCapable.Ack(flags, keys.First, keys.Second),
                MpCapable.Data(flags, keys.First, keys.Second, length),
                MpCapable.Data(flags, keys.First, keys.Second, length, (ushort)keys.First))
            select option);

    [Test]
    public void MpJoin_WrittenThenRead_IsTheSame()
    {
        HoldsRoundTrip(
            from numbers in Numbers
            from id in WireGen.Octet
            select new MpJoinSyn((numbers.Second & 1) != 0, id, (uint)numbers.First, (uint)(numbers.First >> 32)));
        HoldsRoundTrip(
            from numbers in Numbers
            from id in WireGen.Octet
            select new MpJoinSynAck((numbers.Second & 1) != 0, id, numbers.First, (uint)(numbers.Second >> 32)));
        HoldsRoundTrip(WireGen.Octets(20).Select(hmac => new MpJoinAck(hmac)));
    }

    [Test]
    public void Dss_EveryCombination_WrittenThenRead_IsTheSame()
    {
        for (var flags = 0; flags < 0x20; flags++)
        {
            foreach (ushort? checksum in (ushort?[])[null, 0xBEEF])
                AssertDssRoundTrip((DssFlags)flags, checksum);
        }
    }

    [Test]
    public void AddAddress_WrittenThenRead_IsTheSame() =>
        HoldsRoundTrip(
            from address in WireGen.Address
            from id in WireGen.Octet
            from port in Gen.OneOf(
                Gen.Constant((PortNumber?)null), WireGen.Word.Select(value => (PortNumber?)new(value)))
            from hmac in Gen.OneOf(Gen.Constant((ulong?)null), WireGen.LongNumber.Select(value => (ulong?)value))
            select new AddAddress(id, address, port, hmac));

    [Test]
    public void ShortOptions_WrittenThenRead_AreTheSame()
    {
        HoldsRoundTrip(WireGen.Bit.Select(isBackup => new MpPriority(isBackup)));
        HoldsRoundTrip(WireGen.LongNumber.Select(sequence => new MpFail(sequence)));
        HoldsRoundTrip(WireGen.LongNumber.Select(key => new MpFastclose(key)));
        HoldsRoundTrip(
            from isTransient in WireGen.Bit
            from reason in WireGen.Octet
            select new MpReset(isTransient, (MpResetReason)reason));
    }

    [Test]
    public void RemoveAddress_WrittenThenRead_IsTheSame() =>
        WireGen.Holds(Gen.Choose(1, RemoveAddress.MaximumIds).SelectMany(WireGen.Octets), static ids =>
        {
            Span<byte> written = stackalloc byte[TcpConstants.MaximumOptionsLength];
            var length = new RemoveAddress(ids).Write(written);
            return RemoveAddress.TryRead(written[..length], out var again) && again.AddressIds.SequenceEqual(ids);
        });

    [Test]
    public void MpExperimental_WrittenThenRead_IsTheSame() =>
        WireGen.Holds(
            Gen.Choose(0, MpExperimental.MaximumContentLength).SelectMany(WireGen.Octets),
            static content =>
            {
                Span<byte> written = stackalloc byte[TcpConstants.MaximumOptionsLength];
                var flags = (byte)(content.Length & 0x0F);
                var length = new MpExperimental(flags, content).Write(written);
                return MpExperimental.TryRead(written[..length], out var again)
                    && again.Flags == flags
                    && again.Content.SequenceEqual(content);
            });

    // Reserved bits are not kept, so what is read again must be equal, not what is written.
    [Test]
    public void RandomOctets_AreRefusedOrReadToTheirLength() =>
        WireGen.Holds(
            from subtype in Gen.Choose(0, 15)
            from rest in Gen.Choose(0, 40).SelectMany(WireGen.Octets)
            from lie in Gen.Frequency((9, Gen.Constant(0)), (1, Gen.Choose(-3, 3)))
            let first = rest.Length == 0 ? 0 : rest[0] & 0x0F
            let header = new byte[] { 30, (byte)(3 + rest.Length + lie), (byte)((subtype << 4) | first) }
            select header.Concat(rest).ToArray(),
            static option =>
                RefusesOrRewrites<MpCapable>(option)
                && RefusesOrRewrites<MpJoinSyn>(option)
                && RefusesOrRewrites<MpJoinSynAck>(option)
                && RefusesOrRewrites<MpJoinAck>(option)
                && RefusesOrRewrites<Dss>(option)
                && RefusesOrRewrites<AddAddress>(option)
                && RefusesOrRewrites<RemoveAddress>(option)
                && RefusesOrRewrites<MpPriority>(option)
                && RefusesOrRewrites<MpFail>(option)
                && RefusesOrRewrites<MpFastclose>(option)
                && RefusesOrRewrites<MpReset>(option)
                && RefusesOrRewrites<MpExperimental>(option));

    private static void AssertDssRoundTrip(DssFlags flags, ushort? checksum)
    {
        var isLongAck = (flags & DssFlags.DataAckIs64Bit) != 0;
        var isLongSequence = (flags & DssFlags.DataSequenceIs64Bit) != 0;
        var hasMapping = (flags & DssFlags.HasMapping) != 0;
        var dss = new Dss { Flags = flags };
        if ((flags & DssFlags.HasDataAck) != 0)
            dss = dss with { DataAck = isLongAck ? 0xFEDCBA9876543210 : 0x76543210UL };
        if (hasMapping)
        {
            dss = dss with
            {
                DataSequence = isLongSequence ? 0x0123456789ABCDEFUL : 0x89ABCDEFUL,
                SubflowSequence = 0xCAFEF00D,
                DataLength = 1400,
                Checksum = checksum,
            };
        }

        var written = new byte[28];
        var length = dss.Write(written);
        Assert.That(length, Is.EqualTo(dss.Length));
        Assert.That(Dss.TryRead(written.AsSpan(0, length), out var again), Is.True, $"{flags}");
        Assert.That(again, Is.EqualTo(dss));
    }

    private static void HoldsRoundTrip<T>(Gen<T> options)
        where T : struct, IMptcpOption<T>, IEquatable<T> =>
        WireGen.Holds(options, static option =>
        {
            var written = new byte[option.Length];
            return option.Write(written) == option.Length
                && written[0] == 30
                && written[1] == option.Length
                && T.TryRead(written, out var again)
                && again.Equals(option);
        });

    private static bool RefusesOrRewrites<T>(byte[] option)
        where T : struct, IMptcpOption<T>, allows ref struct
    {
        if (!T.TryRead(option, out var value))
            return true;

        var written = new byte[option.Length];
        return value.Write(written) == option.Length && T.TryRead(written, out _);
    }
}
