using System.CommandLine;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox flows</c>: the connections that a running box relays.</summary>
internal sealed class FlowsCommand : Command
{
    private readonly BoxSelection _box = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    public FlowsCommand()
        : base("flows", "List the connections that a running box relays, with their subflows")
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
            await output.WriteLineAsync(await ControlClient.AskAsync(socket, ControlProtocol.Flows, cancellation));
            return;
        }

        var flows = await ControlClient.AskAsync<IReadOnlyList<FlowReport>>(socket, ControlProtocol.Flows, cancellation);
        foreach (var flow in flows.OrderBy(flow => flow.Since))
        {
            await output.WriteLineAsync(
                $"{flow.Client} > {flow.Server}  {Describe(flow)},"
                + $" {flow.BytesUp} bytes up, {flow.BytesDown} down: {flow.Reason.Describe()}"
                + (flow.Claim is { } claim ? $"; claimed as proxy {claim.ProxyId} with preference {claim.Preference}" : ""));
            foreach (var subflow in flow.Subflows)
                await output.WriteLineAsync($"    subflow {(IsDialled(flow) ? $"{subflow.Local} > {subflow.Remote}" : $"{subflow.Remote} > {subflow.Local}")}");
        }

        await output.WriteLineAsync(flows.Count == 1 ? "1 flow" : $"{flows.Count} flows");
    }

    private static string Describe(FlowReport flow)
    {
        var spoken = flow.Mptcp ? "MPTCP" : "TCP";
        return flow.Reason is Reason.ConvertRequested or Reason.HostProxied
            ? $"{spoken} to the converter"
            : flow.Reason == Reason.NamedServerLegacy
            ? $"{spoken} to the box"
            : IsDialled(flow) ? $"TCP to {spoken}" : $"{spoken} to TCP";
    }

    private static bool IsDialled(FlowReport flow) => flow.Reason is Reason.ServerKnownCapable or Reason.HostProxied;
}
