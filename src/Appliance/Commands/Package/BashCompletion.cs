using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;

namespace Middlebox.Appliance.Commands.Package;

/// <summary>Writes the completion for bash from the descriptions of the verbs. It is a text of its own, so that a press of TAB starts no runtime.</summary>
internal static class BashCompletion
{
    public static string Write(RootCommand root)
    {
        var verbs = Verb.AllOf(root).ToList();
        var text = new StringBuilder(
            """
            # Completion of middlebox for bash, made from the descriptions of its verbs.
            _middlebox() {
              local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= word words=
              COMPREPLY=()
              for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case "${path:+$path }$word" in

            """);
        text.Append($"      {Patterns(verbs.Select(verb => verb.Path).Where(path => path.Length > 0))}) path=${{path:+$path }}$word ;;\n");
        text.Append("    esac\n  done\n\n  case \"$path $previous\" in\n");
        foreach (var group in ValuesOf(verbs).GroupBy(value => value.Completion))
            text.Append($"    {Patterns(group.Select(value => value.Place))}) {group.Key} ;;\n");
        text.Append("  esac\n\n  case \"$path\" in\n");
        foreach (var verb in verbs)
            text.Append($"    \"{verb.Path}\") words=\"{string.Join(' ', WordsOf(verb))}\" ;;\n");
        text.Append(
            """
              esac
              COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -o default -F _middlebox middlebox

            """);
        return text.ToString();
    }

    private static IEnumerable<string> WordsOf(Verb verb) =>
        verb.Verbs.Select(below => below.Command.Name)
            .Concat(verb.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Where(name => name.StartsWith('-')))
            .Distinct();

    /// <summary>What follows the options that take a value: the words that are allowed; or files, by bash itself.</summary>
    private static IEnumerable<(string Place, string Completion)> ValuesOf(IEnumerable<Verb> verbs) =>
        from verb in verbs
        from option in verb.Options
        where option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool)
        let words = option.GetCompletions(CompletionContext.Empty).Select(item => item.Label).Where(word => !word.StartsWith('-')).ToList()
        let completion = words.Count > 0 ? $"COMPREPLY=($(compgen -W \"{string.Join(' ', words)}\" -- \"$current\")); return" : "return"
        from name in option.Aliases.Prepend(option.Name)
        select ($"{verb.Path} {name}", completion);

    private static string Patterns(IEnumerable<string> patterns) => string.Join(" | ", patterns.Select(pattern => $"\"{pattern}\""));
}
