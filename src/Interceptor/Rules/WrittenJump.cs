namespace Middlebox.Interceptor.Rules;

/// <summary>A jump from a chain of the kernel's as the box writes it for iptables-restore.</summary>
/// <param name="Line">All of it, such as <c>-I PREROUTING 1 -j MBX-PREROUTING</c>.</param>
/// <param name="Chain">The chain from which it jumps.</param>
/// <param name="Rule">What stands behind the chain and the place in it.</param>
internal sealed record WrittenJump(string Line, string Chain, string Rule)
{
    /// <summary>Whether it goes before all that is there, and not behind.</summary>
    public bool IsFirst => Line.StartsWith("-I ", StringComparison.Ordinal);

    /// <summary>The jump of a line; null if it is none.</summary>
    public static WrittenJump? Of(string line) => line.Split(' ', 4) switch
    {
        ["-I", var chain, "1", var rule] when IsForeign(chain) => new WrittenJump(line, chain, rule),
        ["-A", var chain, ..] when IsForeign(chain) => new WrittenJump(line, chain, line[$"-A {chain} ".Length..]),
        _ => null,
    };

    /// <summary>Whether a rule that iptables-save has written is this one: it names the match of a protocol, which the box leaves out, and has an order of flags of its own.</summary>
    public bool IsAs(string saved) => WordsOf($"-A {Chain} {Rule}").SequenceEqual(WordsOf(saved));

    private static bool IsForeign(string chain) => !chain.StartsWith(FirewallRules.ChainPrefix, StringComparison.Ordinal);

    private static IEnumerable<string> WordsOf(string rule)
    {
        var words = rule.Split(' ');
        return words.Where((word, index) => word != "-m" && (index == 0 || words[index - 1] != "-m"))
            .Select(word => string.Join(',', word.Split(',').Order(StringComparer.Ordinal)));
    }
}
