using System.CommandLine;

namespace Middlebox.Appliance.Commands;

/// <summary>A verb with the words that lead to it, for whoever describes all of them.</summary>
/// <param name="Path">Its words, without the program's own: empty for the program itself, or such as <c>config check</c>.</param>
/// <param name="Command">Its description, options, arguments and the verbs below it.</param>
internal sealed record Verb(string Path, Command Command)
{
    public IReadOnlyList<string> Examples => HelpWithExamples.ExamplesOf(Path);

    /// <summary>The options that users are shown, those for every verb included.</summary>
    public IEnumerable<Option> Options =>
        Command.Options.Concat(Command.Parents.OfType<RootCommand>().SelectMany(root => root.Options).Where(option => option.Recursive))
            .Where(option => !option.Hidden);

    /// <summary>The verbs below it that users are shown.</summary>
    public IEnumerable<Verb> Verbs =>
        Command.Subcommands.Where(command => !command.Hidden).Select(command => new Verb(PathOf(command), command));

    /// <summary>The program and every verb that users are shown, each before those below it.</summary>
    public static IEnumerable<Verb> AllOf(RootCommand root) => From(new Verb("", root));

    /// <summary>The words that lead to a command, without the program's own.</summary>
    public static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() switch
    {
        null => "",
        RootCommand => command.Name,
        var parent => $"{PathOf(parent)} {command.Name}",
    };

    private static IEnumerable<Verb> From(Verb verb) => verb.Verbs.SelectMany(From).Prepend(verb);
}
