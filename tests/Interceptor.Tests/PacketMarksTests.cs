namespace Middlebox.Interceptor.Tests;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class PacketMarksTests
{
    [TestCase("0x0f000000", 0x0f000000u, 0x01000000u, 0x02000000u, 0x03000000u)]
    [TestCase("0x3", 3u, 1u, 2u, 3u)]
    [TestCase("0X0000000F", 15u, 1u, 2u, 3u)]
    [TestCase("0xC0000000", 0xC0000000u, 0x40000000u, 0x80000000u, 0xC0000000u)]
    [TestCase("0xffffffff", 0xffffffffu, 1u, 2u, 3u)]
    [TestCase("0x16", 0x16u, 2u, 4u, 6u, Description = "bits above the two lowest need not be adjacent")]
    public void GoodMask_ValuesAreOfItsTwoLowestBits(string text, uint mask, uint divert, uint clientLeg, uint serverLeg)
    {
        Assert.That(PacketMarks.TryParse(text, out var marks), Is.True);
        Assert.That(
            new[] { marks.Mask, marks.Divert, marks.ClientLeg, marks.ServerLeg },
            Is.EqualTo(new[] { mask, divert, clientLeg, serverLeg }));
        Assert.That(marks.ServerLeg & ~marks.Mask, Is.Zero);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("0x")]
    [TestCase("0x0")]
    [TestCase("0x1")]
    [TestCase("0x5")]
    [TestCase("0x80000000")]
    [TestCase("15")]
    [TestCase("0f000000")]
    [TestCase("0x100000003")]
    [TestCase("0x-3")]
    [TestCase("0x 3")]
    [TestCase(" 0x3")]
    [TestCase("0xg3")]
    public void BadMask_IsRefused(string? text)
    {
        Assert.That(PacketMarks.TryParse(text, out _), Is.False);
        if (text is not null)
            Assert.That(() => PacketMarks.Parse(text), Throws.InstanceOf<FormatException>());
    }

    [Test]
    public void Format_IsValueAndMask() =>
        Assert.That(
            PacketMarks.Parse("0x0f000000").Format(0x0300_0000), Is.EqualTo("0x3000000/0xf000000"));
}
