namespace Middlebox.Architecture.Tests;

/// <summary>The other tests are worth as much as this.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class CodeTextTests
{
    [TestCase("a // unsafe\nb", "a \nb")]
    [TestCase("/// <summary>unsafe</summary>\nint x;", "\nint x;")]
    [TestCase("a /* unsafe \n */ b", "a \n b")]
    [TestCase("f(\"unsafe // \\\" \"); b", "f(); b")]
    [TestCase("f(@\"a\\\"); b", "f(); b")]
    [TestCase("f(\"\"\"\n say \"unsafe\"\n \"\"\"); b", "f(\n\n); b")]
    [TestCase("c == '\"' && unsafe", "c ==  && unsafe")]
    [TestCase("c == '\\'' && unsafe", "c ==  && unsafe")]
    public void CommentsAndTexts_AreNoCode(string source, string expected) =>
        Assert.That(Squeeze(CodeText.Of(source)), Is.EqualTo(Squeeze(expected)));

    private static string Squeeze(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
