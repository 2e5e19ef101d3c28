using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Tests.Host;

/// <summary>What keeps two boxes from taking each other's host for their own.</summary>
[TestFixture]
public sealed class SingleBoxTests
{
    [TestCase("/run/x/a.1", "/run/x/a.2")]
    [TestCase("/run/x/a", "/run/x/a.sock")]
    [TestCase("/run/x/box", "/run/x/Box")]
    public void Sockets_ThatDiffer_HaveJournalsAndLocksThatDiffer(string first, string second)
    {
        var (one, other) = (Options(first), Options(second));
        Assert.That(one.JournalPath, Is.Not.EqualTo(other.JournalPath));
        Assert.That(one.LockPath, Is.Not.EqualTo(other.LockPath));
        Assert.That(new[] { first, second }, Has.No.Member(one.JournalPath).And.No.Member(one.LockPath));
    }

    [Test]
    public void Lock_HeldByAnother_IsRefusedWithTheRemedy()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("run/box.sock.lock");
        using (new InstanceLock(path))
        {
            Assert.That(
                () => new InstanceLock(path),
                Throws.InstanceOf<HostSetupException>().With.Message.Contains(path).And.Message.Contains("another Name"));
        }

        new InstanceLock(path).Dispose();
    }

    [Test]
    public void Namespace_HeldByAnother_IsRefused()
    {
        using (new NamespaceClaim())
            Assert.That(() => new NamespaceClaim(), Throws.InstanceOf<HostSetupException>().With.Message.Contains("namespace"));
        new NamespaceClaim().Dispose();
    }

    private static MiddleboxOptions Options(string socket) => new() { Control = new ControlOptions { Socket = socket } };
}
