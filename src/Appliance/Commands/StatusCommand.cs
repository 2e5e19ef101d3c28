using System.CommandLine;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Converter;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox status</c>: what a running box holds and why it decided as it did.</summary>
internal sealed class StatusCommand : Command
{
    private readonly BoxSelection _box = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    public StatusCommand()
        : base("status", "Show what a running box holds, and its decisions counted by reason")
    {
        _box.AddTo(this);
        Add(_json);
        SetAction((command, cancellation) => _box.UseAsync(command, socket => ShowAsync(command, socket, cancellation)));
    }

    private async Task ShowAsync(ParseResult command, string socket, CancellationToken cancellation)
    {
        var output = command.InvocationConfiguration.Output;
        if (command.GetValue(_json))
        {
            await output.WriteLineAsync(await ControlClient.AskAsync(socket, ControlProtocol.Status, cancellation));
            return;
        }

        var status = await ControlClient.AskAsync<StatusReport>(socket, ControlProtocol.Status, cancellation);
        await output.WriteLineAsync($"{status.Name}: mode {status.Mode}, serving since {status.Since:yyyy-MM-dd HH:mm:ss} UTC");
        await output.WriteLineAsync($"  flows      {status.Flows.Active} active, {status.Flows.Total} in all");
        await output.WriteLineAsync($"  contexts   {status.Contexts.Current} kept, {status.Contexts.Created} created");
        await output.WriteLineAsync(
            $"  packets    {status.Packets.Received} seen, {status.Packets.Overruns} overruns, {status.Packets.PassedByKeeper} passed by the keeper, {status.Packets.Listeners} ports listened on");
        await WriteConverterAsync(output, status.Converter);
        await WriteAddressedAsync(output, status.Addressed);
        if (status.HostProxy is { } host)
        {
            await output.WriteLineAsync(
                $"  over proxy {host.Sent} sent, {host.Answered} answered, {host.ServerRefused} refused by servers, {host.Joined} subflows to servers announced by it,"
                + $" {host.RefusedByProxy + host.Unanswered + host.Direct} not by way of it");
        }

        await WriteReasonsAsync(output, "  contexts released because", status.Contexts.Released);
        await WriteReasonsAsync(output, "  claims", status.Claims);
        await WriteReasonsAsync(output, "  SYNs passed without a context because", status.Bypassed);
    }

    private static async Task WriteConverterAsync(TextWriter output, ConverterReport? converter)
    {
        if (converter is null)
            return;
        await output.WriteLineAsync(
            $"  converter  {converter.Pending} being set up, {converter.Served} served, {converter.Refused.Values.Sum()} refused or lost");
        foreach (var (refusal, count) in converter.Refused.OrderByDescending(entry => entry.Value))
            await output.WriteLineAsync($"    {count,10}  {ConvertRefusalText.Describe(refusal)}");
    }

    private static async Task WriteAddressedAsync(TextWriter output, AddressedReport? addressed)
    {
        if (addressed is null)
            return;
        await output.WriteLineAsync(
            $"  addressed  {addressed.Relayed} relayed, {addressed.Pending} looked at, {addressed.Ended.GetValueOrDefault(PromotionState.Promoted)} hosts know their servers,"
            + $" {addressed.Carried} led past the rules, {addressed.HandshakesEnded.GetValueOrDefault(Reason.Adopted)} acted on, {addressed.Refused.Values.Sum()} refused");
        await WriteReasonsAsync(output, "  SYNs that name a server to the box, refused because", addressed.Refused);
        await WriteReasonsAsync(output, "  connections to servers that were named to the box, not looked at because", addressed.Unobserved);
        await WriteReasonsAsync(output, "  connections of legacy servers, named to the box", addressed.HandshakesEnded);
    }

    private static async Task WriteReasonsAsync(TextWriter output, string title, IReadOnlyDictionary<Reason, long> counts)
    {
        if (counts.Count == 0)
            return;
        await output.WriteLineAsync(title);
        foreach (var (reason, count) in counts.OrderByDescending(entry => entry.Value))
            await output.WriteLineAsync($"    {count,10}  {reason.Describe()}");
    }
}
