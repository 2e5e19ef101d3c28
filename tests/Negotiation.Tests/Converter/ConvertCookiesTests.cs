using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Converter;

[TestFixture]
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ConvertCookiesTests
{
    private static readonly HostAddress Client = HostAddress.Parse("198.18.1.2");

    private readonly ManualTimeProvider _time = new();
    private readonly ConvertCookies _cookies;
    private readonly byte[] _cookie = new byte[ConvertCookies.Length];

    public ConvertCookiesTests()
    {
        _cookies = new ConvertCookies(TimeSpan.FromHours(1), _time);
        _cookies.Write(Client, _cookie);
    }

    [Test]
    public void OwnCookie_IsValid() => Assert.That(_cookies.IsValid(Client, _cookie), Is.True);

    [Test]
    public void CookieOfAnotherAddress_IsNot() => Assert.That(_cookies.IsValid(HostAddress.Parse("198.18.1.3"), _cookie), Is.False);

    [Test]
    public void CookieOfAnotherBox_IsNot() =>
        Assert.That(new ConvertCookies(TimeSpan.FromHours(1), _time).IsValid(Client, _cookie), Is.False);

    [TestCase(0)]
    [TestCase(8)]
    [TestCase(20)]
    public void CookieOfAnotherLength_IsNot(int length)
    {
        var other = new byte[length];
        _cookie.AsSpan(0, Math.Min(length, _cookie.Length)).CopyTo(other);
        Assert.That(_cookies.IsValid(Client, other), Is.False);
    }

    [TestCase(59, true)]
    [TestCase(61, true)]
    [TestCase(119, true)]
    [TestCase(121, false)]
    [TestCase(100_000, false)]
    public void Cookie_LivesForOneToTwoLifetimes(int minutes, bool expected)
    {
        _time.Advance(TimeSpan.FromMinutes(60));
        Assert.That(_cookies.IsValid(Client, _cookie), Is.True);
        _time.Advance(TimeSpan.FromMinutes(Math.Max(0, minutes - 60)));
        Assert.That(_cookies.IsValid(Client, _cookie), Is.EqualTo(expected));
    }

    [Test]
    public void Cookie_AfterALongSilence_HasExpired()
    {
        _time.Advance(TimeSpan.FromHours(5));
        Assert.That(_cookies.IsValid(Client, _cookie), Is.False);
    }
}
