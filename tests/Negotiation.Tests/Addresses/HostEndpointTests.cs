using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Tests.Wire;

namespace Middlebox.Negotiation.Tests.Addresses;

[TestFixture]
public sealed class HostEndpointTests
{
    [TestCase("198.18.1.2:80")]
    [TestCase("0.0.0.0:0")]
    [TestCase("[2001:db8::1]:80")]
    [TestCase("[::]:65535")]
    public void Text_IsReadAndWrittenUnchanged(string text) =>
        Assert.That(HostEndpoint.Parse(text).ToString(), Is.EqualTo(text));

    [TestCase(null)]
    [TestCase("")]
    [TestCase(":80")]
    [TestCase("198.18.1.2")]
    [TestCase("198.18.1.2:")]
    [TestCase("198.18.1.2:65536")]
    [TestCase("198.18.1.2:-1")]
    [TestCase("198.18.1.2:080")]
    [TestCase("[198.18.1.2]:80")]
    [TestCase("2001:db8::1:80")]
    [TestCase("[2001:db8::1]")]
    [TestCase("[2001:db8::1]80")]
    [TestCase("[]:80")]
    public void TextThatIsNoEndpoint_IsRefused(string? text) =>
        Assert.That(HostEndpoint.TryParse(text, out _), Is.False);

    [Test]
    public void Endpoints_RoundTripThroughText() =>
        WireGen.Holds(WireGen.Endpoint, static endpoint => HostEndpoint.Parse(endpoint.ToString()) == endpoint);
}
