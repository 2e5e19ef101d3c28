using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Fuzzing.Tests;

/// <summary>An oracle that never says no proves nothing.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class OracleTests
{
    private static readonly byte[] Packet = Convert.FromHexString(
        "45000040c11340004006e37bc6120102c61209028b7a0050c006e4e600000000b002faf0798e0000020405b40402080aab56323d000000000103030a1e040101");

    [Test]
    public void NothingChanged_Holds() => Assert.That(() => Changed(_ => { }), Throws.Nothing);

    [Test]
    public void EditByTheProduct_Holds() => Assert.That(() => Changed(packet => TcpPacketEditor.PatchByte(packet, 20, 43, 0x41)), Throws.Nothing);

    [TestCase(8, "has become", Description = "the hop count")]
    [TestCase(16, "has become", Description = "an address")]
    [TestCase(24, "has become", Description = "the sequence number")]
    [TestCase(33, "has become", Description = "a flag")]
    [TestCase(10, "IP checksum")]
    [TestCase(36, "TCP checksum")]
    [TestCase(63, "TCP checksum", Description = "an option without its checksum")]
    [TestCase(2, "BadTotalLength")]
    [TestCase(32, "BadHeaderLength")]
    public void AnythingElseChanged_IsAFinding(int octet, string expected) =>
        Assert.That(() => Changed(packet => packet[octet] ^= 0xF0), Throws.TypeOf<OracleException>().With.Message.Contains(expected));

    [Test]
    public void Allocation_IsSeen()
    {
        Assert.That(Allocation.Of(() => new object().GetHashCode() == 0), Is.GreaterThan(0));
        Assert.That(Allocation.Of(() => Packet.Length == 0), Is.Zero);
    }

    private static void Changed(Action<byte[]> change)
    {
        var after = (byte[])Packet.Clone();
        change(after);
        PacketChange.Require(Packet, after, "test");
    }
}
