using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox explain</c>: what was seen of a connection, decided and why, and what to do about it.</summary>
internal sealed class ExplainCommand : Command
{
    private readonly BoxSelection _box = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    private readonly Argument<string> _client = new("CLIENT")
    {
        Description = "Address, prefix, or address and port of the client; any for all",
        DefaultValueFactory = _ => "any",
    };

    private readonly Argument<string> _server = new("SERVER")
    {
        Description = "Address, prefix, or address and port of the server; any for all",
        DefaultValueFactory = _ => "any",
    };

    public ExplainCommand()
        : base("explain", "Explain connections, past, present or next: what was seen, decided and why, and what to do")
    {
        Add(_client);
        Add(_server);
        _box.AddTo(this);
        Add(_json);
        SetAction(ExplainAsync);
    }

    private async Task<int> ExplainAsync(ParseResult command, CancellationToken cancellation)
    {
        var words = $"{command.GetValue(_client)} {command.GetValue(_server)}";
        if (ExplainQuery.TryParse(words, out _, out var problem))
        {
            return await _box.UseAsync(
                command, socket => ShowAsync(command, socket, $"{ControlProtocol.Explain} {words}", cancellation));
        }

        await command.InvocationConfiguration.Error.WriteLineAsync($"explain: {problem}");
        return ExitCode.Usage;
    }

    private async Task ShowAsync(ParseResult command, string socket, string request, CancellationToken cancellation)
    {
        var output = command.InvocationConfiguration.Output;
        var report = await ControlClient.AskAsync<ExplainReport>(socket, request, cancellation);
        if (report.Error is not null)
            throw new ControlException($"explain: {report.Error}");
        if (command.GetValue(_json))
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(report, ReportJson.Options));
            return;
        }

        if (report.Next is { } next)
            await output.WriteLineAsync($"The next one: {next.Rule} says {next.Action}: {next.Reason.Describe()}.");
        if (report.NextNamed is { } named)
            await output.WriteLineAsync($"The next one, if its SYN names the server to this box: {named.Describe()}.");
        if (report.NextOfHost is { } own)
            await output.WriteLineAsync($"The next one, as this host's own: {own.Describe()}.");
        await WriteAsync(output, "Decided:", report.Decisions.Select(Line));
        await WriteAsync(output, "Relayed now:", report.Flows.Select(Line));
        await WriteAsync(output, "Relayed before:", report.Ended.Select(Line));
        await WriteAsync(
            output,
            "The kernel's MPTCP, all connections:",
            report.KernelCounters.Count == 0 ? [] : [string.Join(", ", report.KernelCounters.Select(counter => $"{counter.Name} {counter.Value}"))]);
        await WriteAsync(output, "Findings:", report.Findings.SelectMany(Lines));
        if (report.Findings.Count == 0)
            await output.WriteLineAsync("Nothing is found that is known to be wrong.");
    }

    private static async Task WriteAsync(TextWriter output, string title, IEnumerable<string> lines)
    {
        foreach (var (index, line) in lines.Index())
        {
            if (index == 0)
                await output.WriteLineAsync(title);
            await output.WriteLineAsync($"  {line}");
        }
    }

    private static string Line(DecisionReport decision) =>
        $"{decision.Time:HH:mm:ss.fff}  {decision.Client} > {decision.Server}  {decision.Describe()}";

    private static string Line(ExaminedFlowReport flow) =>
        $"{flow.Flow.Client} > {flow.Flow.Server}  {(flow.Path.IsMptcp ? "MPTCP" : "TCP")} over {Math.Max(1, flow.Flow.Subflows.Count)} subflows"
        + $" (up to {1 + flow.Path.MaxFurtherSubflows}), {flow.Path.ClientCongestionControl} to the client,"
        + $" {flow.Path.ServerCongestionControl} to the server, {flow.Flow.BytesUp} bytes up, {flow.Flow.BytesDown} down";

    private static string Line(EndedFlowReport flow) =>
        $"{flow.Since:HH:mm:ss}  {flow.Client} > {flow.Server}  {(flow.Mptcp ? "MPTCP" : "TCP")}, {flow.Seconds} s, {flow.End},"
        + $" {flow.BytesUp} bytes up, {flow.BytesDown} down";

    private static IEnumerable<string> Lines(FindingReport finding) =>
    [
        $"{JsonNamingPolicy.CamelCase.ConvertName(finding.Cause.ToString())}"
        + (finding.Example is null ? "" : $" at {finding.Example}") + (finding.Connections > 1 ? $" and {finding.Connections - 1} more" : "")
        + $" ({finding.Detail})",
        $"    {finding.Advice}",
    ];
}
