using Middlebox.Appliance.Explain;

namespace Middlebox.Lab.Tests.Explain;

/// <summary>The box announces an address, and the client is set up as Linux comes: it accepts none.</summary>
public sealed class IgnoredAnnouncementTests() : ExplainLabFixture("off-path-second-access")
{
    // Linux 6.18 would join from its own endpoints all the same, when it is told not to join to the server's address.
    protected override async Task PrepareAsync() =>
        await RunAsync(Client, "ip mptcp endpoint flush; ip mptcp limits set add_addr_accepted 0");

    [Test]
    public async Task ClientThatAcceptsNoAddress_AnnouncementIgnored()
    {
        using var connection = await ConnectAndGreetAsync();
        var finding = await CauseAsync(Cause.AnnouncementIgnored, connection);
        Assert.That(finding.Advice, Does.Contain("ip mptcp limits set add_addr_accepted 4"));
        Assert.That((await ExplainAsync($"{connection.ClientAddress}")).KernelCounters.Select(counter => counter.Name), Does.Contain("EchoAdd"));
    }
}
