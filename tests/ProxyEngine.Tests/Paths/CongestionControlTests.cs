using Middlebox.ProxyEngine.Paths;

namespace Middlebox.ProxyEngine.Tests.Paths;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class CongestionControlTests
{
    [TestCase("cubic", "reno cubic bbr", null)]
    [TestCase("reno", "reno", null)]
    [TestCase("dctcp", "reno dctcp", null)]
    [TestCase("bbr", "reno cubic bbr", "cubic")]
    [TestCase("bbr", "bbr reno", "reno")]
    [TestCase("bbr", "bbr", "reno")]
    public void Choose_SystemsOwn_UnlessItIsBbr(string systemDefault, string available, string? expected) =>
        Assert.That(CongestionControl.Choose(systemDefault, available.Split(' ')), Is.EqualTo(expected));

    [Test]
    public void ForClients_Configured_IsTakenAsItIs() =>
        Assert.That(
            CongestionControl.ForClients(new ProxyEngineOptions { CongestionControl = "bbr" }), Is.EqualTo("bbr"));
}
