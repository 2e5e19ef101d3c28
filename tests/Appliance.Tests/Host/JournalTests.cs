using System.Diagnostics;
using Middlebox.Appliance.Host;
using Middlebox.Interceptor.Rules;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Host;

/// <summary>Steps write to a file of the test, as the box's own would to the system.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class JournalTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Path => _directory.File("run/box.journal");

    private string Undone => _directory.File("undone");

    [Test]
    public void NoFile_NothingIsLeftOver()
    {
        Assert.That(Journal.Open(Path).HasLeftovers, Is.False);
        Assert.That(File.Exists(Path), Is.False);
    }

    [Test]
    public void Steps_AreOnDiskBeforeTheyAreNeeded()
    {
        var journal = Journal.Open(Path);
        journal.Add(Step("one"));
        Assert.That(File.ReadAllLines(Path), Has.Length.EqualTo(1));
        journal.Add(Step("two"));
        Assert.That(File.ReadAllLines(Path), Has.Length.EqualTo(2));
    }

    [Test]
    public void UndoAll_NewestFirst_AndTheFileGoes()
    {
        var journal = Journal.Open(Path);
        foreach (var name in new[] { "one", "two", "three" })
            journal.Add(Step(name));
        Assert.That(journal.UndoAll(), Is.Empty);
        Assert.That(File.ReadAllLines(Undone), Is.EqualTo(new[] { "three", "two", "one" }));
        Assert.That(File.Exists(Path), Is.False);
        Assert.That(journal.HasLeftovers, Is.False);
        Assert.That(journal.UndoAll(), Is.Empty);
        Assert.That(File.ReadAllLines(Undone), Has.Length.EqualTo(3), "each once");
    }

    // The later box has taken what the first had left for its own, so the same steps are in both.
    [Test]
    public void UndoAll_StepOfAnotherJournalThatIsUndone_IsLeftOut()
    {
        var (first, second) = (Journal.Open(Path), Journal.Open(_directory.File("run/other.journal")));
        first.Add(Step("one"));
        first.Add(Step("both"));
        second.Add(Step("both"));
        HashSet<string> done = [];
        Assert.That(second.UndoAll(done), Is.Empty);
        Assert.That(first.UndoAll(done), Is.Empty);
        Assert.That(File.ReadAllLines(Undone), Is.EqualTo(new[] { "both", "one" }));
    }

    // What stands in it is run, by root.
    [TestCase(UnixFileMode.GroupWrite)]
    [TestCase(UnixFileMode.OtherWrite)]
    public void File_ThatOthersMayWrite_IsNotRun(UnixFileMode mode)
    {
        Journal.Open(Path).Add(Step("one"));
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
        Assert.That(() => Journal.Open(Path), Throws.InstanceOf<HostSetupException>().With.Message.Contains(Path));
        Assert.That(File.Exists(Undone), Is.False);
    }

    [Test]
    public void File_OfAnotherUser_IsNotRun()
    {
        Journal.Open(Path).Add(Step("one"));
        using (var chown = Process.Start("chown", ["12345", Path]))
            chown.WaitForExit();
        Assert.That(() => Journal.Open(Path), Throws.InstanceOf<HostSetupException>().With.Message.Contains(Path));
        Assert.That(File.Exists(Undone), Is.False);
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task Fifo_IsRefused(CancellationToken deadline)
    {
        Directory.CreateDirectory(_directory.File("run"));
        Fifo.Make(Path);
        var opening = Task.Run(() => Journal.Open(Path), deadline).WaitAsync(deadline);
        Assert.That((await Assert.ThrowsAsync<HostSetupException>(() => opening))!.Message, Does.StartWith($"'{Path}': it is a FIFO"));
    }

    [Test]
    public void File_IsItsOwnersAlone()
    {
        var journal = Journal.Open(Path);
        var struck = Step("one");
        journal.Add(struck);
        journal.Add(Step("two"));
        Assert.That(File.GetUnixFileMode(Path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        journal.Remove(struck);
        Assert.That(File.GetUnixFileMode(Path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Crash_TheNextStartUndoesIt()
    {
        var crashed = Journal.Open(Path);
        crashed.Add(Step("one"));
        crashed.Add(Step("two"));

        var next = Journal.Open(Path);
        Assert.That(next.HasLeftovers, Is.True);
        next.UndoAll();
        Assert.That(File.ReadAllLines(Undone), Is.EqualTo(new[] { "two", "one" }));
        Assert.That(Journal.Open(Path).HasLeftovers, Is.False);
    }

    [Test]
    public void Crash_WhileWriting_TheHalfLineIsIgnored()
    {
        Journal.Open(Path).Add(Step("one"));
        var whole = File.ReadAllText(Path);
        for (var length = 1; length < whole.Length - 1; length += 7)
        {
            File.WriteAllText(Path, whole + whole[..length]);
            File.Delete(Undone);
            Journal.Open(Path).UndoAll();
            Assert.That(File.ReadAllLines(Undone), Is.EqualTo(new[] { "one" }));
        }
    }

    // The half line has nothing to undo, so nobody undoes it, and the next step must not be written behind it.
    [Test]
    public void Crash_WhileWritingTheFirstLine_TheNextRunsStepsAreWhole()
    {
        Directory.CreateDirectory(_directory.File("run"));
        File.WriteAllText(Path, "{\"undo\":\"comma");
        var second = Journal.Open(Path);
        Assert.That(second.HasLeftovers, Is.False);
        second.Add(Step("one"));

        var third = Journal.Open(Path);
        third.UndoAll();
        Assert.That(File.ReadAllLines(Undone), Is.EqualTo(new[] { "one" }));
    }

    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("5")]
    [TestCase("")]
    [TestCase("{\"undo\":\"unheard of\",\"Key\":\"x\"}")]
    [TestCase("{\"undo\":\"command\",\"Command\":5}")]
    public void LineThatIsNoStep_IsIgnored(string line)
    {
        Journal.Open(Path).Add(Step("one"));
        File.AppendAllText(Path, line + "\n");
        Journal.Open(Path).UndoAll();
        Assert.That(File.ReadAllLines(Undone), Is.EqualTo(new[] { "one" }));
    }

    [Test]
    public void UndoAll_StepFails_TheRestIsUndoneAndTheProblemTold()
    {
        var journal = Journal.Open(Path);
        journal.Add(Step("one"));
        journal.Add(new UndoCommand(["false"]));
        journal.Add(new UndoCommand(["/nonexistent/tool"]));
        journal.Add(new UndoSysctl("no.such.key", "1"));
        journal.Add(Step("two"));
        var problems = journal.UndoAll();
        Assert.That(File.ReadAllLines(Undone), Is.EqualTo(new[] { "two", "one" }));
        Assert.That(problems, Has.Count.EqualTo(3));
        Assert.That(problems[0], Does.Contain("no.such.key"));
        Assert.That(problems[1], Does.Contain("/nonexistent/tool"));
        Assert.That(problems[2], Does.Contain("false"));
    }

    [Test]
    public void EveryKindOfStep_IsReadBackAsItWas()
    {
        var journal = Journal.Open(Path);
        journal.Add(new UndoMark());
        journal.Add(new UndoSysctl("net.mptcp.enabled", "0"));
        journal.Add(new UndoRules(RuleFamily.IPv6));
        journal.Add(new UndoCommand(["ip", "rule", "del", "priority", "1000"]));
        Assert.That(File.ReadAllLines(Path), Is.EqualTo(new[]
        {
            """{"undo":"mark"}""",
            """{"undo":"sysctl","Key":"net.mptcp.enabled","Value":"0"}""",
            """{"undo":"rules","Family":1}""",
            """{"undo":"command","Command":["ip","rule","del","priority","1000"]}""",
        }));
        foreach (var line in File.ReadAllLines(Path))
        {
            File.WriteAllText(Path, line + "\n");
            Assert.That(Journal.Open(Path).HasLeftovers, Is.True, line);
        }
    }

    public void Dispose() => _directory.Dispose();

    private UndoCommand Step(string name) => new(["sh", "-c", $"echo {name} >> {Undone}"]);
}
