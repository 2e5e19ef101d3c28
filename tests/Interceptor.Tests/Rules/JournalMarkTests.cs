using Middlebox.Interceptor.Rules;

namespace Middlebox.Interceptor.Tests.Rules;

[Parallelizable(ParallelScope.All)]
public sealed class JournalMarkTests
{
    [TestCase("/run/middlebox/middlebox.sock.4026531840.journal")]
    [TestCase("/run/a b/\"box\"\\.sock.1.journal")]
    [TestCase("/run/\u00fcbung/box.sock.1.journal")]
    public void Path_IsReadAsItWasWritten(string path)
    {
        var mark = JournalMark.Installation(path)!;
        Assert.That(JournalMark.IsIn(mark), Is.True);
        Assert.That(JournalMark.JournalIn(mark), Is.EqualTo(path));
        Assert.That(RuleRemoval.For(mark), Is.Empty, "it stays for as long as there is something to be undone");
    }

    // iptables-save leaves out the quotes where it needs none.
    [Test]
    public void Path_WithoutQuotes_IsRead() => Assert.That(JournalMark.JournalIn("-A MBX-JOURNAL -m comment --comment box_journal\n"), Is.EqualTo("box_journal"));

    // A line of its own would be a rule of its own.
    [Test]
    public void Path_ThatNoCommentHolds_NoMark() => Assert.That(
        new[] { "/run/x\n-A INPUT -j DROP", "/run/" + new string('\u00fc', 126) + ".journal" }.Select(JournalMark.Installation), Is.All.Null);

    [TestCase("")]
    [TestCase("*filter\n:MBX-FILTER-IN - [0:0]\n-A INPUT -m comment --comment \"-A MBX-JOURNAL -m comment --comment x\" -j ACCEPT\nCOMMIT\n")]
    [TestCase(":MBX-JOURNALS - [0:0]\n-A MBX-JOURNALS -m comment --comment x\n")]
    public void NoMark_NoJournal(string saved)
    {
        Assert.That(JournalMark.IsIn(saved), Is.False);
        Assert.That(JournalMark.JournalIn(saved), Is.Null);
    }
}
