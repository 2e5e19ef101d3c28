using Middlebox.Appliance.Host;

namespace Middlebox.Appliance.Tests.Host;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class RelayParametersTests
{
    [TestCase("432000", "300", "7440")]
    [TestCase("3600", "300", "3600")]
    [TestCase("432000", "10000", null)]
    [TestCase("200", "300", null)]
    [TestCase(null, "300", null)]
    [TestCase("432000", null, null)]
    public void Silence_IsAllowedForAsLongAsItMustBe_AndNeverShorter(string? established, string? present, string? expected)
    {
        var set = RelayParameters.Of(key => key == Sysctl.ConntrackIgnoresInvalidResets ? null : key == Sysctl.ConntrackEstablished ? established : present);
        Assert.That(
            set,
            Is.EqualTo(expected is null ? [] : new[] { (Sysctl.ConntrackUnacknowledged, expected), (Sysctl.ConntrackRepeated, expected) }));
    }

    [Test]
    public void Resets_AreNotJudged() =>
        Assert.That(RelayParameters.Of(key => key == Sysctl.ConntrackIgnoresInvalidResets ? "0" : null), Is.EqualTo(new[] { (Sysctl.ConntrackIgnoresInvalidResets, "1") }));
}
