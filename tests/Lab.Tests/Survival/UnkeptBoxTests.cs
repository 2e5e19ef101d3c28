using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>A box that has no keeper.</summary>
public sealed class UnkeptBoxTests() : ServingLabFixture("one-proxy")
{
    [Test]
    public async Task Upgrade_is_refused_and_the_daemon_serves_on()
    {
        var daemon = Box.DaemonProcessId;

        var answer = await Box.AskAsync(Deadline, "upgrade");

        Assert.That(answer.ExitCode, Is.EqualTo(1));
        Assert.That(answer.Error, Does.Contain("middlebox keep"));
        Assert.That(Box.DaemonProcessId, Is.EqualTo(daemon));
    }
}
