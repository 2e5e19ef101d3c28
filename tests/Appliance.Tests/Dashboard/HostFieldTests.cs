using Middlebox.Appliance.Dashboard;

namespace Middlebox.Appliance.Tests.Dashboard;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class HostFieldTests
{
    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1:9465")]
    [TestCase("198.18.3.2:80")]
    [TestCase("[::1]")]
    [TestCase("[2001:db8::1]:9465")]
    [TestCase("localhost")]
    [TestCase("LOCALHOST:8080")]
    public void Address_IsOwn(string host) => Assert.That(HostField.IsOwn(host), Is.True);

    [TestCase(null)]
    [TestCase("")]
    [TestCase(":80")]
    [TestCase("evil.example")]
    [TestCase("evil.example:9465")]
    [TestCase("127.0.0.1.evil.example")]
    [TestCase("localhost.evil.example")]
    [TestCase("127.0.0.1:port")]
    [TestCase("127.0.0.1:99999")]
    [TestCase("[::1")]
    [TestCase("[evil]")]
    [TestCase("[]")]
    [TestCase("1")]
    public void Name_IsNotOwn(string? host) => Assert.That(HostField.IsOwn(host), Is.False);
}
