using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Reports;
using Middlebox.Appliance.Trace;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox trace</c>: the decisions of a running box as it makes them, one line each.</summary>
internal sealed class TraceCommand : Command
{
    private readonly BoxSelection _box = new();
    private readonly Option<string?> _client = Criterion("--client", "Only connections of this client, an address or prefix", "PREFIX");
    private readonly Option<string?> _server = Criterion("--server", "Only connections to this server, an address or prefix", "PREFIX");
    private readonly Option<string?> _ports = Criterion("--ports", "Only connections to these server ports, such as 80,8000-8999", "SET");
    private readonly Option<string?> _reasons = Criterion("--reasons", "Only decisions for these reasons, such as serverLegacy,clientVanished", "A,B");
    private readonly Option<bool> _past = new("--past") { Description = "Begin with the decisions that the box remembers" };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON, one line for each decision" };

    private readonly Option<FileInfo?> _pcap = new("--pcap")
    {
        Description = "Also write the intercepted packets to this file, pcapng, each with its decision as comment",
        HelpName = "FILE",
    };

    private readonly Option<int?> _count = new("--count") { Description = "End after so many decisions", HelpName = "N" };

    public TraceCommand()
        : base("trace", "Follow the decisions of a running box, one line each, until Ctrl-C")
    {
        _box.AddTo(this);
        foreach (var option in new Option[] { _client, _server, _ports, _reasons, _past, _count, _pcap, _json })
            Add(option);
        SetAction(TraceAsync);
    }

    private async Task<int> TraceAsync(ParseResult command, CancellationToken cancellation)
    {
        var request = Request(command);
        if (!TraceFilter.TryParse(request, out _, out var problem))
        {
            await command.InvocationConfiguration.Error.WriteLineAsync($"trace: {problem}");
            return ExitCode.Usage;
        }

        try
        {
            using var pcap = OpenPcap(command);
            return await _box.UseAsync(
                command, socket => FollowAsync(command, socket, $"{ControlProtocol.Trace} {request}", pcap, cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await command.InvocationConfiguration.Error.WriteLineAsync($"trace: --pcap cannot be written: {failure.Message}");
            return ExitCode.Failure;
        }
    }

    private async Task FollowAsync(
        ParseResult command, string socket, string request, PcapngWriter? pcap, CancellationToken cancellation)
    {
        var (output, error) = (command.InvocationConfiguration.Output, command.InvocationConfiguration.Error);
        var remaining = command.GetValue(_count);
        await foreach (var line in ControlClient.FollowAsync(socket, request, cancellation))
        {
            var report = Read(line);
            if (report.Error is not null)
                throw new ControlException($"trace: {report.Error}");
            if (report.Lost is { } lost)
                await error.WriteLineAsync($"trace: {lost} decisions came faster than they were read, and are lost; a filter helps");
            if (report.Tracing is { } name)
                await error.WriteLineAsync($"trace: following {name}");
            if (report.Decision is not { } decision)
                continue;

            await output.WriteLineAsync(command.GetValue(_json) ? line : Line(decision));
            if (decision.Packet is { } packet)
                pcap?.Write(decision.Time, packet, decision.PacketLength!.Value, decision.Describe());
            if (--remaining == 0)
                return;
        }

        throw new ControlException("trace: the box has ended.");
    }

    private string Request(ParseResult command)
    {
        var words = new List<string>();
        foreach (var option in new[] { _client, _server, _ports, _reasons })
        {
            if (command.GetValue(option) is { } value)
                words.Add($"{option.Name[2..]}={value}");
        }

        if (command.GetValue(_past))
            words.Add("past");
        if (command.GetValue(_pcap) is not null)
            words.Add("packets");
        return string.Join(' ', words);
    }

    private PcapngWriter? OpenPcap(ParseResult command) => command.GetValue(_pcap) is { } file
        ? new PcapngWriter(file.Create(), "middlebox trace", "NFQUEUE")
        : null;

    private static TraceReport Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<TraceReport>(line, ReportJson.Options)!;
        }
        catch (JsonException failure)
        {
            throw new ControlException($"trace: the box answered something else than a decision: {failure.Message}");
        }
    }

    private static string Line(DecisionReport decision) =>
        $"{decision.Time:HH:mm:ss.fff}  {decision.Client} > {decision.Server}  {decision.Describe()}";

    private static Option<string?> Criterion(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };
}
