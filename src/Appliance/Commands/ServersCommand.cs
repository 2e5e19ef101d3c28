using System.CommandLine;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox servers</c>: what a running box knows of servers: those of clients that do not speak MPTCP, and those that its converter has reached.</summary>
internal sealed class ServersCommand : Command
{
    private readonly BoxSelection _box = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };
    private readonly Option<bool> _clear = new("--clear") { Description = "Forget all of them" };

    public ServersCommand()
        : base("servers", "List the servers that clients without MPTCP and those of the converter have reached, and whether they speak MPTCP")
    {
        _box.AddTo(this);
        Add(_json);
        Add(_clear);
        SetAction((command, cancellation) => _box.UseAsync(
            command,
            socket => command.GetValue(_clear) ? ClearAsync(command, socket, cancellation) : ShowAsync(command, socket, cancellation)));
    }

    private async Task ShowAsync(ParseResult command, string socket, CancellationToken cancellation)
    {
        var output = command.InvocationConfiguration.Output;
        if (command.GetValue(_json))
        {
            await output.WriteLineAsync(await ControlClient.AskAsync(socket, ControlProtocol.Servers, cancellation));
            return;
        }

        var servers = await ControlClient.AskAsync<IReadOnlyList<KnownServerReport>>(socket, ControlProtocol.Servers, cancellation);
        foreach (var server in servers)
        {
            await output.WriteLineAsync(
                $"{server.Server}  {Describe(server.Capability)}, since {Minutes(server.AgeSeconds)}, for {Minutes(server.RemainingSeconds)} more");
        }

        await output.WriteLineAsync(servers.Count == 1 ? "1 server" : $"{servers.Count} servers");
    }

    private async Task ClearAsync(ParseResult command, string socket, CancellationToken cancellation)
    {
        var output = command.InvocationConfiguration.Output;
        if (command.GetValue(_json))
        {
            await output.WriteLineAsync(await ControlClient.AskAsync(socket, ControlProtocol.ClearServers, cancellation));
            return;
        }

        var report = await ControlClient.AskAsync<ClearedServersReport>(socket, ControlProtocol.ClearServers, cancellation);
        await output.WriteLineAsync(report.Cleared == 1 ? "1 server forgotten" : $"{report.Cleared} servers forgotten");
    }

    private static string Describe(ServerCapability capability) => capability switch
    {
        ServerCapability.Capable => "speaks MPTCP",
        ServerCapability.DropsMpCapable => "answers only without MP_CAPABLE",
        _ => "does not speak MPTCP",
    };

    private static string Minutes(double seconds) => $"{seconds / 60:0} min";
}
