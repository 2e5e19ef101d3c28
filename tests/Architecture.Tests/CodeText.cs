using System.Text;

namespace Middlebox.Architecture.Tests;

/// <summary>C# text without what is no code.</summary>
internal static class CodeText
{
    /// <summary>Blanks comments and the contents of texts and characters; lines stay where they are.</summary>
    public static string Of(string source)
    {
        var code = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length;)
        {
            var end = EndOfIgnored(source, i);
            if (end == i)
            {
                code.Append(source[i++]);
                continue;
            }

            for (; i < end; i++)
                code.Append(source[i] == '\n' ? '\n' : ' ');
        }

        return code.ToString();
    }

    private static int EndOfIgnored(string source, int start)
    {
        var rest = source.AsSpan(start);
        if (rest.StartsWith("//"))
            return IndexAfter(source, "\n", start) - 1;
        if (rest.StartsWith("/*"))
            return IndexAfter(source, "*/", start + 2);
        if (rest.StartsWith("\"\"\""))
            return IndexAfter(source, "\"\"\"", start + 3);
        if (rest.StartsWith("@\""))
            return IndexAfter(source, "\"", start + 2);
        return rest[0] is '"' or '\'' ? EndOfQuoted(source, start) : start;
    }

    private static int EndOfQuoted(string source, int start)
    {
        for (var i = start + 1; i < source.Length && source[i] != '\n'; i++)
        {
            if (source[i] == '\\')
                i++;
            else if (source[i] == source[start])
                return i + 1;
        }

        return start + 1;
    }

    private static int IndexAfter(string source, string mark, int start) =>
        source.IndexOf(mark, start, StringComparison.Ordinal) is >= 0 and var at ? at + mark.Length : source.Length;
}
