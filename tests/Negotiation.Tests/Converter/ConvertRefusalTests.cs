using Middlebox.Negotiation.Converter;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ConvertRefusalTests
{
    [Test]
    public void EveryRefusal_HasASentenceOfItsOwn()
    {
        var sentences = Enum.GetValues<ConvertRefusal>().Select(ConvertRefusalText.Describe).ToList();
        Assert.That(sentences, Is.Unique);
        Assert.That(sentences, Has.All.Length.GreaterThan(10).And.All.Not.EndsWith("."));
    }

    // Figure 25: each code of the RFC is one that this converter sends.
    [Test]
    public void EveryErrorCode_IsThatOfARefusal() => Assert.That(
        Enum.GetValues<ConvertRefusal>().Select(ConvertRefusalText.CodeOf).OfType<ConvertErrorCode>().Distinct(),
        Is.EquivalentTo(Enum.GetValues<ConvertErrorCode>()));

    [TestCase(ConvertErrorCode.UnsupportedVersion, 0x00)]
    [TestCase(ConvertErrorCode.MalformedMessage, 0x01)]
    [TestCase(ConvertErrorCode.UnsupportedMessage, 0x02)]
    [TestCase(ConvertErrorCode.MissingCookie, 0x03)]
    [TestCase(ConvertErrorCode.NotAuthorized, 0x20)]
    [TestCase(ConvertErrorCode.UnsupportedTcpOption, 0x21)]
    [TestCase(ConvertErrorCode.ResourceExceeded, 0x40)]
    [TestCase(ConvertErrorCode.NetworkFailure, 0x41)]
    [TestCase(ConvertErrorCode.ConnectionReset, 0x60)]
    [TestCase(ConvertErrorCode.DestinationUnreachable, 0x61)]
    public void Codes_AreThoseOfFigure25(ConvertErrorCode code, int value) => Assert.That((int)code, Is.EqualTo(value));

    [Test]
    public void NumberThatIsNoRefusal_IsRefused() =>
        Assert.That(() => ConvertRefusalText.Describe((ConvertRefusal)255), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
