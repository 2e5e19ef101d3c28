using Middlebox.Appliance.Commands.Soak;

namespace Middlebox.Appliance.Tests.Soak;

/// <summary>A comparison that never says no proves nothing.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class PatternBytesTests
{
    [TestCase(0, 0L)]
    [TestCase(123_456_789, 0L)]
    [TestCase(int.MaxValue, 10_000_000_000L)]
    public void SameStreamAndPosition_SameBytes_HoweverTheyAreCut(int stream, long position)
    {
        var whole = PatternBytes.At(stream, position, 65_536).ToArray();
        Assert.That(PatternBytes.At(stream, position + 1000, 64_536).ToArray(), Is.EqualTo(whole[1000..]));
        Assert.That(PatternBytes.At(stream, position, 100_000).Length, Is.EqualTo(65_536));
    }

    [TestCase(-3000, "come 5000 bytes that belong 3000 earlier")]
    [TestCase(3000, "come 5000 bytes that belong 3000 later")]
    public void LostOrRepeatedBytes_AreToldByHowMany(int shift, string expected)
    {
        var bytes = PatternBytes.At(7, 500_000 + shift, 5000).ToArray();
        Assert.That(PatternBytes.Difference(7, 500_000, bytes), Does.Contain("at 500000").And.Contain(expected));
    }

    [Test]
    public void ForeignBytes_AreShown()
    {
        var bytes = PatternBytes.At(7, 500_000, 100).ToArray();
        bytes.AsSpan(40).Clear();
        Assert.That(PatternBytes.Difference(7, 500_000, bytes), Does.Contain("at 500040 come 00000000"));
    }
}
