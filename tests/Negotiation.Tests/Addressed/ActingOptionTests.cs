using Middlebox.Negotiation.Addressed;

namespace Middlebox.Negotiation.Tests.Addressed;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ActingOptionTests
{
    [Test]
    public void AsOnTheWire()
    {
        var bytes = new byte[4];
        Assert.That(default(ActingOption).Write(bytes), Is.EqualTo(4));
        Assert.That(bytes, Is.EqualTo(new byte[] { 30, 4, 0xF0, 2 }));
        Assert.That(ActingOption.TryRead(bytes, out _), Is.True);
    }

    [TestCase("1E04F001", Description = "another type")]
    [TestCase("1E04F802", Description = "a claim's P flag")]
    [TestCase("1E04E002", Description = "another subtype")]
    [TestCase("1E05F00200", Description = "another length")]
    [TestCase("1E03F0", Description = "no type")]
    [TestCase("1F04F002", Description = "another kind")]
    [TestCase("", Description = "nothing")]
    public void AnythingElse_IsNotRead(string option) => Assert.That(ActingOption.TryRead(Convert.FromHexString(option), out _), Is.False);
}
