using FsCheck.Fluent;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class InternetChecksumTests
{
    // RFC 1071 section 3 works this example.
    [Test]
    public void Sum_Rfc1071Example() =>
        Assert.That(
            InternetChecksum.Fold(InternetChecksum.Sum([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7])),
            Is.EqualTo(0xDDF2));

    // RFC 1624 section 4: equation 2 would give FFFF here.
    [Test]
    public void Update_Rfc1624Example() =>
        Assert.That(InternetChecksum.Update(0xDD2F, 0x5555, 0x3285), Is.Zero);

    [Test]
    public void Compute_OddOctet_IsTheUpperHalf() =>
        Assert.That(InternetChecksum.Compute([0x12]), Is.EqualTo(InternetChecksum.Compute([0x12, 0x00])));

    [Test]
    public void Sum_LongestPacketOfOnes_DoesNotOverflow() =>
        Assert.That(
            InternetChecksum.Fold(InternetChecksum.Sum(Enumerable.Repeat((byte)0xFF, 65534).ToArray(), 0xFFFF)),
            Is.EqualTo(0xFFFF));

    [Test]
    public void Compute_IsTheSlowSum() =>
        WireGen.Holds(Gen.Choose(0, 70).SelectMany(WireGen.Octets), static octets =>
            InternetChecksum.Compute(octets) == PlainReader.Checksum(octets));

    [Test]
    public void Update_IsRecomputation() =>
        WireGen.Holds(
            from octets in WireGen.Octets(24)
            from index in Gen.Choose(0, 11)
            from word in WireGen.Word
            select (octets, index, word),
            static sample =>
            {
                var (octets, index, word) = sample;
                octets[23] |= 1;
                var before = InternetChecksum.Compute(octets);
                var old = (ushort)((octets[2 * index] << 8) | octets[(2 * index) + 1]);
                (octets[2 * index], octets[(2 * index) + 1]) = ((byte)(word >> 8), (byte)word);

                // A sum of nothing but zeros has two representations; no packet is that empty.
                return octets.All(octet => octet == 0)
                    || InternetChecksum.Update(before, old, word) == InternetChecksum.Compute(octets);
            });

    [Test]
    public void TcpChecksum_DoesNotDependOnTheField()
    {
        foreach (var bytes in CapturedPackets.All)
        {
            var packet = (byte[])bytes.Clone();
            var offset = packet[0] >> 4 == 4 ? 20 : 40;
            var expected = InternetChecksum.TcpChecksum(packet, offset);
            packet[offset + 16] ^= 0x55;

            Assert.That(InternetChecksum.TcpChecksum(packet, offset), Is.EqualTo(expected));
            Assert.That(InternetChecksum.TcpChecksumIsValid(packet, offset), Is.False);
        }
    }
}
