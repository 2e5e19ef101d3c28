using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox upgrade</c>: has the keeper of a running box start another daemon in place of the one that serves.</summary>
internal sealed class UpgradeCommand : Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly BoxSelection _box = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    public UpgradeCommand()
        : base("upgrade", "Put another daemon in the place of the one that serves, of the version installed now, without losing a connection")
    {
        _box.AddTo(this);
        Add(_json);
        SetAction((command, cancellation) => _box.UseAsync(command, socket => UpgradeAsync(command, socket, cancellation)));
    }

    private async Task UpgradeAsync(ParseResult command, string socket, CancellationToken cancellation)
    {
        var before = await ControlClient.AskAsync<StatusReport>(socket, ControlProtocol.Status, cancellation);
        var begun = TimeProvider.System.GetTimestamp();
        var report = await ControlClient.AskAsync<UpgradeReport>(socket, ControlProtocol.Upgrade, cancellation);
        if (!report.Kept)
        {
            throw new ControlException(
                $"{before.Name} has no keeper, so its connections would be reset. Start it with \"middlebox keep\" to be able to upgrade it.");
        }

        if (!command.GetValue(_json))
            await command.InvocationConfiguration.Error.WriteLineAsync($"{before.Name} finishes handshakes, and leaves {report.Connections} connections to another daemon ...");
        var after = await SuccessorAsync(socket, before, cancellation);
        var elapsed = TimeProvider.System.GetElapsedTime(begun);
        await command.InvocationConfiguration.Output.WriteLineAsync(command.GetValue(_json)
            ? JsonSerializer.Serialize(new { after.Name, after.Since, Connections = after.Flows.Active, Seconds = elapsed.TotalSeconds }, ReportJson.Options)
            : $"{after.Name}: another daemon serves after {elapsed.TotalSeconds:0.0} s, with {after.Flows.Active} connections");
    }

    private static async Task<StatusReport> SuccessorAsync(string socket, StatusReport before, CancellationToken cancellation)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < Patience)
        {
            try
            {
                var status = await ControlClient.AskAsync<StatusReport>(socket, ControlProtocol.Status, cancellation);
                if (status.Since != before.Since)
                    return status;
            }
            catch (ControlException)
            {
                // The one has ended, and the other does not answer yet.
            }

            await Task.Delay(Interval, cancellation);
        }

        throw new ControlException($"No other daemon serves after {Patience.TotalSeconds:0} s; the log of {before.Name} says why.");
    }
}
