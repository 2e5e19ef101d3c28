namespace Middlebox.Appliance.Tests.Options;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class DashboardOptionsTests
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Test]
    public void Defaults_AreLoopbackWithoutAToken()
    {
        var options = ConfigurationText.Read("{ \"Middlebox\": {} }").Dashboard;
        Assert.That(options.Endpoint, Is.EqualTo("127.0.0.1:9465"));
        Assert.That(options.TokenFile, Is.Empty);
    }

    [TestCase("0.0.0.0:9465")]
    [TestCase("[::]:9465")]
    [TestCase("198.18.3.2:9465")]
    public void AddressThatOthersReach_WithoutAToken_IsRefused(string endpoint) => Assert.That(
        ConfigurationText.ErrorsOf(ConfigurationText.WithKey("Dashboard:Endpoint", $"\"{endpoint}\"")),
        Has.Count.EqualTo(1).And.One.StartsWith("Middlebox:Dashboard:TokenFile: is required"));

    [Test]
    public void AddressThatOthersReach_WithAToken_IsTaken() => Assert.That(ErrorsWithToken("0123456789abcdef\n", OwnersOnly), Is.Empty);

    [TestCase("short")]
    [TestCase("")]
    [TestCase("0123456789 abcdef")]
    [TestCase("0123456789abcdef\n0123456789abcdef")]
    public void Token_ThatIsNone_IsRefused_AndNotRepeated(string token)
    {
        var errors = ErrorsWithToken(token, OwnersOnly);
        Assert.That(errors, Has.Count.EqualTo(1).And.One.StartsWith("Middlebox:Dashboard:TokenFile: "));
        if (token.Length > 0)
            Assert.That(errors[0], Does.Not.Contain(token));
    }

    [Test]
    public void TokenFile_ThatOthersMayRead_IsRefused() => Assert.That(
        ErrorsWithToken("0123456789abcdef", OwnersOnly | UnixFileMode.OtherRead), Has.Count.EqualTo(1).And.One.Contains("chmod 600"));

    private static IReadOnlyList<string> ErrorsWithToken(string token, UnixFileMode mode)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("token");
        File.WriteAllText(path, token);
        File.SetUnixFileMode(path, mode);
        return ConfigurationText.ErrorsOf(ConfigurationText.Section(
            $$""" "Dashboard": { "Endpoint": "198.18.3.2:9465", "TokenFile": "{{path}}" } """));
    }
}
