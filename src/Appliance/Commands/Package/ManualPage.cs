using System.CommandLine;
using System.Text;

namespace Middlebox.Appliance.Commands.Package;

/// <summary>Writes middlebox(8) from the descriptions of the verbs, in the macros of man(7).</summary>
internal static class ManualPage
{
    private const string Ends =
        """
        .SH FILES
        .TP
        .I /etc/middlebox/middlebox.json
        The configuration of the service; its keys: \fBmiddlebox config explain\fR.
        .TP
        .I /usr/share/middlebox/configs
        Configurations for common places, the JSON schema, a dashboard and alert rules for Grafana and Prometheus, and labs.
        .TP
        .I /run/middlebox
        Control sockets, and the journal of what is to be undone on the host.
        .SH ENVIRONMENT
        .TP
        .B Middlebox__SECTION__KEY
        Overrides a key of the configuration.
        .TP
        .BR NOTIFY_SOCKET ", " WATCHDOG_USEC ", " JOURNAL_STREAM
        Set by systemd: the service manager is told how the box is, and the log is written for the journal.
        .SH EXIT STATUS
        .TP
        .B 0
        It was done.
        .TP
        .B 1
        It could not be done, or something did not hold.
        .TP
        .B 2
        The command line or the configuration is wrong.
        .SH SEE ALSO
        .BR ip\-mptcp (8),
        .BR ss (8),
        .BR iptables (8),
        .BR systemd.service (5);
        .I /usr/share/doc/middlebox

        """;

    public static string Write(RootCommand root, string version)
    {
        var text = new StringBuilder(
            $"""
            .TH MIDDLEBOX 8 "" "Middlebox {version}" "System Administration"
            .SH NAME
            middlebox \- inline appliance for Multipath TCP
            .SH SYNOPSIS
            .B middlebox
            .I verb
            .RI [ option ...]
            .SH DESCRIPTION
            {Escape(root.Description!)}
            .SH VERBS

            """);
        foreach (var verb in Verb.AllOf(root))
            Append(text, verb);
        return text.Append(Ends).ToString();
    }

    private static void Append(StringBuilder text, Verb verb)
    {
        if (verb.Path.Length > 0)
        {
            var arguments = verb.Command.Arguments.Where(argument => !argument.Hidden).ToList();
            text.Append($".SS {Escape(verb.Path)}{string.Concat(arguments.Select(argument => $" {Escape(NameOf(argument))}"))}\n");
            text.Append(Paragraph(verb.Command.Description!));
            foreach (var argument in arguments)
                Tagged(text, $"\\fI{Escape(NameOf(argument))}\\fR", argument.Description);
            foreach (var option in verb.Command.Options.Where(option => !option.Hidden))
                Tagged(text, TagOf(option), option.Description);
        }

        if (verb.Examples.Count == 0)
            return;
        text.Append(verb.Path.Length > 0 ? ".PP\nExamples:\n" : "Every verb and every part of one has its own help (\\fB\\-\\-help\\fR), with examples:\n");
        text.Append(".PP\n.nf\n");
        foreach (var example in verb.Examples)
            text.Append($"    {Escape(example)}\n");
        text.Append(".fi\n");
    }

    private static string NameOf(Argument argument) => argument.HelpName ?? argument.Name.ToUpperInvariant();

    private static string TagOf(Option option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name).Select(name => $"\\fB{Escape(name)}\\fR"));
        return option.HelpName is { } value ? $"{names} \\fI{Escape(value)}\\fR" : names;
    }

    private static void Tagged(StringBuilder text, string tag, string? description) =>
        text.Append($".TP\n{tag}\n{Paragraph(description ?? "")}");

    /// <summary>Lines of a description become lines of the page.</summary>
    private static string Paragraph(string description) =>
        string.Join("\n.br\n", description.Split('\n').Select(Escape)) + "\n";

    /// <summary>Nothing in it is a request or an escape sequence (groff(7)).</summary>
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? $"\\&{escaped}" : escaped;
    }
}
