using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Tests;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class SocketAddressesTests
{
    [TestCase("198.18.1.2:80", 16)]
    [TestCase("0.0.0.0:0", 16)]
    [TestCase("255.255.255.255:65535", 16)]
    [TestCase("[2001:db8::1]:443", 28)]
    [TestCase("[::]:0", 28)]
    public void Endpoint_ThroughTheKernelsForm_IsTheSame(string text, int length)
    {
        var address = HostEndpoint.Parse(text).ToSocketAddress();
        Assert.That(address.Length, Is.EqualTo(length));
        Assert.That(address.ToEndpoint(), Is.EqualTo(HostEndpoint.Parse(text)));
    }
}
